// expected: unknown-route 5
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => {
  relay({ to: 'sip:192.0.2.1', onFailure: 'TRUNKAUHT' })
})

onFailure('TRUNKAUTH', ({ uac, relay }) => {
  if (uac.auth()) relay()
})
