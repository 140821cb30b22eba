// expected: unreached-route 7
// expected: unreached-route 10
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:192.0.2.1' }))

onFailure('FIRST', ({ relay }) => {
  relay({ to: 'sip:192.0.2.2', onFailure: 'SECOND' })
})
onFailure('SECOND', ({ relay }) => {
  relay({ to: 'sip:192.0.2.1', onFailure: 'FIRST' })
})
