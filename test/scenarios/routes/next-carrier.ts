/** A carrier that takes no credentials of ours, then another one. */
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090', onFailure: 'FIRST' }))

onFailure('FIRST', ({ uac, relay }) => {
  if (uac.auth({ username: 'test', password: 'test' })) relay()
  else relay({ to: 'sip:127.0.0.1:5091' })
})
