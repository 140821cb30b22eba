// expected: nothing
import { onRequest } from '@signalbox/dsl'

onRequest(({ req, relay, reply }) => {
  switch (req.method) {
    case 'INVITE':
    case 'SUBSCRIBE':
      relay({ to: 'sip:192.0.2.1' })
      break
    case 'OPTIONS': {
      reply(200)
      return
    }
    default:
      reply(405)
  }
})
