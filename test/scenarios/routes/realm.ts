/** Credentials that are for one realm. */
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090', onFailure: 'TRUNK' }))

onFailure('TRUNK', ({ uac, relay }) => {
  if (uac.auth({ username: 'test', password: 'test', realm: 'wanted' })) relay()
})
