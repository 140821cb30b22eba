// expected: nothing
import { onRequest, type Request } from '@signalbox/dsl'

type Kind = 'internal' | 'external' | 'emergency'

function kindOf(req: Request): Kind {
  if (req.ruri.user === '112') return 'emergency'
  return req.ruri.user.startsWith('+') ? 'external' : 'internal'
}

function fail(kind: never): never {
  throw new Error(`no such kind: ${String(kind)}`)
}

onRequest((call) => {
  const kind = kindOf(call.req)
  switch (kind) {
    case 'internal':
      return call.relay()
    case 'external':
      return call.relay({ to: 'sip:192.0.2.1' })
    case 'emergency':
      return call.relay({ to: 'sip:192.0.2.2' })
  }
  fail(kind)
})
