// expected: unknown-route 7
import { onFailure, onRequest, type NameOf } from '@signalbox/dsl'

const names = { night: 'NIHGT', day: 'DAY' }

onRequest(({ req, relay }) => {
  relay({ to: 'sip:192.0.2.1', onFailure: (req.headers.has('X-Night') ? 'NIHGT' : 'DAY') as NameOf<'failure'> })
  req.headers.set('X-Names', names.day)
})

onFailure('NIGHT', ({ reply }) => reply(480))
onFailure('DAY', ({ reply }) => reply(486))
