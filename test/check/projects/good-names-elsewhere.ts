// expected: nothing
import { onBranch, onFailure, onRequest, type RelayOptions } from '@signalbox/dsl'

const night = onFailure('NIGHT', ({ reply }) => reply(480))
const routes = { day: 'DAY', night } as const
const options = { onBranch: 'STAMP' } satisfies RelayOptions

onRequest(({ req, relay, fork }) => {
  if (req.headers.has('X-Fork')) return fork(['sip:192.0.2.1'], { ...options, onFailure: routes.day })
  const to = req.headers.has('X-Night') ? ['sip:192.0.2.1', 'sip:192.0.2.2'] : 'sip:192.0.2.3'
  relay({ to, onFailure: req.headers.has('X-Night') ? night : 'DAY' })
})

onFailure('DAY', ({ reply }) => reply(486))
onBranch('STAMP', ({ req }) => req.headers.set('X-Branch', '1'))
