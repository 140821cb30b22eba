// expected: nothing
import { onRequest } from '@signalbox/dsl'

onRequest(({ req, relay, reply }) => {
  let turn = 0
  search: while (true) {
    turn++
    for (const route of req.headers.getAll('Route')) {
      if (route.includes('192.0.2.5')) {
        relay({ to: 'sip:192.0.2.5' })
        break search
      }
      if (turn > 3) {
        reply(482)
        return
      }
    }
  }
})
