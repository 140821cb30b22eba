// expected: nothing
import { onRequest, type RequestContext } from '@signalbox/dsl'

type Kind = 'phone' | 'carrier' | 'nobody'

onRequest((call) => {
  const { req, relay, drop, reply } = call
  const kind = kindOf(call)
  if (kind === 'phone') return relay()
  else if (kind === 'carrier') {
    let finish = () => reply(404)
    if (req.ruri.user === '1') finish = () => relay({ to: 'sip:192.0.2.1' })
    return finish()
  } else if (kind === 'nobody') {
    const act = req.headers.has('X-Quiet') ? drop : reply
    act(403)
  }
})

function kindOf({ req }: RequestContext): Kind {
  let kind: Kind = 'nobody'
  for (const each of ['phone', 'carrier'] as const) if (req.headers.has(`X-${each}`)) kind = each
  return kind
}
