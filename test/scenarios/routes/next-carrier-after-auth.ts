/** Answers the challenge of the first carrier and then goes to the second all the same. */
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090', onFailure: 'FIRST' }))

onFailure('FIRST', ({ uac, relay }) => {
  uac.auth({ username: 'test', password: 'test' })
  relay({ to: 'sip:127.0.0.1:5091' })
})
