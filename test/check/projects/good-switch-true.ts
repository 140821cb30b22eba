// expected: nothing
import { onRequest, type RequestContext } from '@signalbox/dsl'

class Responder {
  readonly call: RequestContext
  constructor(call: RequestContext) {
    this.call = call
  }
  busy() {
    this.call.reply(486)
  }
}

onRequest((call) => {
  const { req, relay, reply } = call
  switch (true) {
    case req.method === 'REGISTER':
      return reply(405)
    case req.ruri.user.startsWith('+'):
      return relay()
    case req.ruri.user === 'busy':
      return new Responder(call).busy()
    default:
      return reply(404)
  }
})
