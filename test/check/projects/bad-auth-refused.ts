// expected: unchecked-auth 9
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:192.0.2.1', onFailure: 'TRUNKAUTH' }))

onFailure('TRUNKAUTH', ({ uac, relay, log }) => {
  const answered = uac.auth()
  if (!answered) log.warn('no answer')
  relay()
})
