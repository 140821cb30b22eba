// expected: nothing
import { onRequest, type RequestContext } from '@signalbox/dsl'

class Base {
  handle(call: RequestContext): void {
    if (call.req.method === 'INVITE') this.out(call)
    else call.reply(405)
  }

  out(_call: RequestContext): void {}
}

class Gateway extends Base {
  override out({ relay }: RequestContext): void {
    relay({ to: 'sip:gw.example' })
  }
}

const router: Base = new Gateway()
onRequest((call) => router.handle(call))
