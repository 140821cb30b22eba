// expected: nothing
import { onRequest, type RequestContext } from '@signalbox/dsl'

const install = (register: typeof onRequest): void => register(handle)

install(onRequest)

function handle({ reply }: RequestContext): void {
  reply(404)
}
