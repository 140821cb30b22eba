// expected: no-action 15
import { onRequest, type RequestContext } from '@signalbox/dsl'

class Router {
  handle(call: RequestContext): void {
    if (call.req.method === 'INVITE') this.out(call)
  }

  private out({ relay }: RequestContext): void {
    relay({ to: 'sip:gw.example' })
  }
}

const router = new Router()
onRequest((call) => router.handle(call))
