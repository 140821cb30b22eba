// expected: unchecked-auth 9
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:192.0.2.1', onFailure: 'TRUNKAUTH' }))

onFailure('TRUNKAUTH', ({ res, uac, relay }) => {
  if (res.status !== 401 && res.status !== 407) return
  uac.auth()
  relay()
})
