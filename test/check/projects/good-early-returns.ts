// expected: nothing
import { onRequest } from '@signalbox/dsl'

onRequest(({ req, relay, reply, drop }) => {
  if (req.source.address === '192.0.2.66') return drop()
  if (req.method === 'OPTIONS') return reply(200)
  if (req.method === 'REGISTER') {
    reply(405)
    return
  }
  reply(183)
  if (!req.headers.has('X-Ok')) return reply(403)
  relay()
})
