/** What `generation-1.ts` is replaced by. */
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ req, relay }) => {
  req.headers.set('X-Gen', '2')
  relay({ to: 'sip:127.0.0.1:5090', onFailure: 'NEXT' })
})

onFailure('NEXT', ({ req, relay }) => {
  req.headers.set('X-Gen', '2 failed')
  relay({ to: 'sip:127.0.0.1:5091' })
})
