// expected: nothing
import { onFailure, onRequest, type Handler, type RequestContext } from '@signalbox/dsl'

const logged =
  (handler: Handler<RequestContext>): Handler<RequestContext> =>
  (call) => {
    call.log.info(call.req.method)
    return handler(call)
  }

onRequest(
  logged(async (call) => {
    const rules = [
      (each: RequestContext) => each.reply(403),
      (each: RequestContext) => each.relay({ onFailure: 'NEXT' }),
    ]
    rules[call.req.ruri.user === '' ? 0 : 1]?.(call)
  }),
)

onFailure('NEXT', (call) => [call].forEach(({ relay }) => relay({ to: 'sip:192.0.2.2' })))
