// expected: second-action 9
import { onRequest } from '@signalbox/dsl'

onRequest(({ req, relay, reply }) => {
  switch (req.method) {
    case 'INVITE':
      relay()
    case 'OPTIONS':
      reply(200)
      break
    default:
      reply(405)
  }
})
