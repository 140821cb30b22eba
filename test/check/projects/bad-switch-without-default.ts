// expected: no-action 5
import { onRequest } from '@signalbox/dsl'

onRequest(({ req, relay, reply }) => {
  switch (req.method) {
    case 'INVITE':
      return relay()
    case 'OPTIONS':
      return reply(200)
  }
})
