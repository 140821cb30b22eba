// expected: nothing
import { onRequest } from '@signalbox/dsl'

onRequest(async ({ registrar, req, relay, reply }) => {
  let waited = 0
  while (!(await registrar.lookup())) {
    if (++waited > 5) return reply(480)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  do {
    req.headers.delete('X-Hop')
  } while (req.headers.has('X-Hop'))
  relay()
})
