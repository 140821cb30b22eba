// expected: nothing
import { onRequest, type RequestContext } from '@signalbox/dsl'

const byUser: Record<string, (call: RequestContext) => void | Promise<void>> = {
  echo: ({ reply }) => reply(200),
  desk: ({ relay }) => relay({ to: 'sip:desk@192.0.2.7' }),
  async sales({ registrar, relay, reply }) {
    if (await registrar.lookup()) relay()
    else reply(480)
  },
}

onRequest((call) => byUser[call.req.ruri.user]?.(call))
