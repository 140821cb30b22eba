/** Stamps what it sends with its generation; `generation-2.ts` is what it is replaced by. */
import { once } from 'node:events'
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(async ({ req, relay, done, log }) => {
  req.headers.set('X-Gen', '1')
  relay({ to: 'sip:127.0.0.1:5090', onFailure: 'NEXT' })
  if (req.ruri.user !== 'watched') return
  await done
  log.info('1 saw the end')
  await once(process, 'scenario:go-on')
})

onFailure('NEXT', ({ req, relay }) => {
  req.headers.set('X-Gen', '1 failed')
  relay({ to: 'sip:127.0.0.1:5091' })
})
