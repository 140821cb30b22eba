// expected: nothing
import { onFailure, onRequest, type FailureContext, type RequestContext } from '@signalbox/dsl'

const handlers = {
  failed({ reply }: FailureContext) {
    reply(480)
  },
}

const refused = onFailure('REFUSED', handlers.failed)

const route = async (call: RequestContext): Promise<void> => {
  await Promise.resolve()
  deliver(call, 'sip:192.0.2.1')
}

function deliver({ relay }: Pick<RequestContext, 'relay'>, to: string) {
  relay({ to, onFailure: refused })
}

onRequest(route)
