/** Programs that must not compile, and some that must: each route kind has what its context says and nothing else. */
import { defineConfig, onFailure, onInDialog, onRequest, type Request, type Response, type Uri } from './index.ts'

onRequest(({ req, relay, reply, drop, log, vars, signal, done }) => {
  relay()
  relay({ to: 'sip:gw', onFailure: 'ANY', recordRoute: false, timeouts: { provisional: '2s', final: 30_000 } })
  relay({ to: ['sip:a', req.ruri, { ruri: 'tel:+49', to: 'sip:gw' }] })
  reply(200, 'OK', { headers: { Contact: ['<sip:a>', '<sip:b>'] }, body: new Uint8Array() })
  drop()
  log.info(req.from.uri.user + String(signal.aborted) + Object.keys(vars).join())
  void done.then(() => undefined)
})

// @ts-expect-error -- a challenge is answered in a failure route
onRequest(({ uac }) => uac.auth())
// @ts-expect-error -- nothing was answered yet
onRequest(({ res }) => res)
// @ts-expect-error -- `signal` says it here
onRequest(({ canceled }) => canceled)
// @ts-expect-error -- a handler returns nothing
onRequest(() => 1)
// @ts-expect-error -- a request route has no name
onRequest('NAME', () => {})

// @ts-expect-error -- a challenge is answered in a failure route
onInDialog(({ uac }) => uac.auth())
// @ts-expect-error -- nothing was answered yet
onInDialog(({ res }) => res)
onInDialog(({ relay, reply, drop }) => (relay({ onFailure: 'X' }), reply(481), drop()))

// @ts-expect-error -- somebody waits for an answer
onFailure('X', ({ drop }) => drop())
// @ts-expect-error -- a failure route has a name
onFailure(() => {})
onFailure('X', async ({ res, canceled, uac, relay, reply }) => {
  if (canceled || res.local) return
  if (
    uac.auth() ||
    uac.auth({ username: 'u', password: 'p' }) ||
    uac.auth({ username: 'u', password: 'p', realm: 'r' })
  )
    relay()
  else reply(res.status, res.reason)
  await Promise.resolve()
})
// @ts-expect-error -- credentials have a password
onFailure('X', ({ uac }) => void uac.auth({ username: 'u' }))
// @ts-expect-error -- a response is read only
onFailure('X', ({ res }) => res.headers.set('X', 'y'))
// @ts-expect-error -- a response is read only
onFailure('X', ({ res }) => void (res.status = 200))

onRequest(({ relay, reply }) => {
  // @ts-expect-error -- a misspelled option
  relay({ onFailur: 'X' })
  // @ts-expect-error -- no such failure to name by a number
  relay({ onFailure: 1 })
  // @ts-expect-error -- a handle of another kind
  relay({ onFailure: { kind: 'request', name: '' } })
  // @ts-expect-error -- a target of its own has a Request-URI
  relay({ to: { to: 'sip:gw' } })
  // @ts-expect-error -- a status is a number
  reply('200')
})

const handle = onFailure('TRUNKAUTH', () => {})
const name: 'TRUNKAUTH' = handle.name
onRequest(({ relay }) => relay({ onFailure: handle }))
onRequest(({ relay }) => relay({ onFailure: name }))

/** What a route may change of a request. */
export function requests(req: Request): void {
  req.ruri = 'sip:a@b'
  req.ruri = req.ruri.with({ user: 'x', port: null, params: { transport: null, lr: '' } })
  req.dstUri = undefined
  req.headers.set('X', ['a', 'b'])
  // @ts-expect-error -- From belongs to the core
  req.from = req.to
  // @ts-expect-error -- a Uri is immutable
  req.ruri.user = 'x'
  // @ts-expect-error -- an address is immutable
  req.from.uri.host = 'x'
  // @ts-expect-error -- a method stays
  req.method = 'BYE'
  // @ts-expect-error -- the next hop may be missing
  const hop: Uri = req.dstUri
  // @ts-expect-error -- so may a Contact
  void [hop, req.contact.uri]
  // @ts-expect-error -- and a header
  const value: string = req.headers.get('X')
  void value
}

/** What is read of a response. */
export function responses(res: Response): [number, string, boolean, string | undefined] {
  return [res.status, res.reason, res.local, res.headers.get('Retry-After')]
}

export default defineConfig({ listen: ['udp:127.0.0.1:5060', { at: 'udp:0.0.0.0', advertise: 'sip.example.com' }] })
// @ts-expect-error -- a misspelled key
defineConfig({ listn: [] })
// @ts-expect-error -- a level that there is not
defineConfig({ log: { level: 'loud' } })
