// expected: secret 7
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:192.0.2.1', onFailure: 'AUTH' }))

onFailure('AUTH', ({ uac, relay }) => {
  const password = 'hunter2'
  if (uac.auth({ username: process.env.USER ?? '', password })) relay()
})
