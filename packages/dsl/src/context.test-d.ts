/** Programs that must not compile, and some that must: each route kind has what its context says and nothing else. */
import {
  defineConfig,
  onBranch,
  onBranchFailure,
  onDispose,
  onEvent,
  onFailure,
  onInDialog,
  onLoad,
  onLocal,
  onReply,
  onRequest,
  type Address,
  type CallContext,
  type Request,
  type Response,
  type Uri,
} from './index.ts'

onRequest(({ req, relay, reply, drop, log, vars, signal, done }) => {
  relay()
  relay({ to: 'sip:gw', onFailure: 'ANY', recordRoute: false, timeouts: { provisional: '2s', final: 30_000 } })
  relay({ to: ['sip:a', req.ruri, { ruri: 'tel:+49', to: 'sip:gw' }] })
  reply(200, 'OK', { headers: { Contact: ['<sip:a>', '<sip:b>'] }, body: new Uint8Array() })
  drop()
  log.info(req.from.uri.user + String(signal.aborted) + Object.keys(vars).join())
  void done.then(() => undefined)
})

onRequest(async ({ req, registrar, relay, reply }) => {
  if (req.method === 'REGISTER') return registrar.save()
  if (await registrar.lookup()) return relay()
  reply(404)
})
onInDialog(async ({ registrar }) => void (await registrar.lookup()))
// @ts-expect-error -- who is where was asked before
onFailure('LATE', ({ registrar }) => registrar)
defineConfig({
  registrar: { defaultExpires: '1h', minExpires: 60, maxExpires: 7200, maxContacts: 5, useDomain: false },
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
onFailure('X', ({ uac }) => {
  uac.auth({ username: 'u', ha1: 'a'.repeat(32) })
  uac.auth({ username: 'u', realm: 'r', ha1: { MD5: 'x', 'SHA-512-256': undefined } })
  // @ts-expect-error -- an algorithm that nobody knows
  uac.auth({ username: 'u', ha1: { SHA1: 'x' } })
  // @ts-expect-error -- a password or a HA1, not both
  uac.auth({ username: 'u', password: 'p', ha1: 'x' })
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

onRequest(({ fork, redirect, req }) => {
  fork(['sip:a', req.ruri, { ruri: 'tel:+49', to: 'sip:gw' }], {
    onFailure: 'A',
    onBranchFailure: 'B',
    onReply: 'C',
    onBranch: 'D',
    recordRoute: false,
    timeouts: { provisional: '2s', final: 30_000 },
  })
  redirect(['sip:a', req.ruri])
  // @ts-expect-error -- a fork is to a list
  fork('sip:a')
  // @ts-expect-error -- whose entries are its first argument
  fork(['sip:a'], { to: 'sip:b' })
  // @ts-expect-error -- a Contact is a URI
  redirect([{ ruri: 'sip:a' }])
  // @ts-expect-error -- and there is a list of them
  redirect('sip:a')
})

onBranch('STAMP', ({ req, vars, log, signal, done, drop }) => {
  req.headers.set('X-Branch', String(req.dstUri))
  req.ruri = req.ruri.with({ user: Object.keys(vars).join() })
  log.info(String(signal.aborted))
  void done.then(() => drop())
})
// @ts-expect-error -- a branch route has a name
onBranch(() => {})
// @ts-expect-error -- it has left already for somewhere
onBranch('X', ({ relay }) => relay())
// @ts-expect-error -- the caller is answered elsewhere
onBranch('X', ({ reply }) => reply(480))
// @ts-expect-error -- nothing was answered yet
onBranch('X', ({ res }) => res)
// @ts-expect-error -- nothing was challenged yet
onBranch('X', ({ uac }) => void uac.auth())

onReply(({ res, req, drop }) => {
  res.headers.set('X', req.method)
  res.headers.delete('Server')
  if (res.status === 180) drop()
})
onReply('HIDE', async ({ res, log }) => {
  await Promise.resolve()
  log.info(`${res.status} ${res.reason}`)
})
// @ts-expect-error -- a status stays
onReply(({ res }) => void (res.status = 183))
// @ts-expect-error -- a reply goes upstream or not: it is not sent elsewhere
onReply(({ relay }) => relay())
// @ts-expect-error -- nor replaced by another
onReply('X', ({ reply }) => reply(486))
// @ts-expect-error -- a challenge is answered in a failure route
onReply('X', ({ uac }) => uac.auth())
// @ts-expect-error -- a name without a handler
onReply('X')

onBranchFailure('NEXT', ({ res, uac, relay, req }) => {
  req.headers.set('X-After', String(res.status))
  if (res.local || !uac.auth()) relay({ to: 'sip:gw', onReply: 'C', timeouts: { final: '5s' } })
  else relay()
})
// @ts-expect-error -- a branch failure route has a name
onBranchFailure(() => {})
// @ts-expect-error -- one branch is replaced by one
onBranchFailure('X', ({ fork }) => fork(['sip:a']))
// @ts-expect-error -- others may go on: nobody is answered yet
onBranchFailure('X', ({ reply }) => reply(486))
// @ts-expect-error -- nor sent elsewhere
onBranchFailure('X', ({ redirect }) => redirect(['sip:a']))
// @ts-expect-error -- the answers of all are for `onFailure`
onBranchFailure('X', ({ responses }) => responses)
// @ts-expect-error -- a response is read only
onBranchFailure('X', ({ res }) => res.headers.set('X', 'y'))

onFailure('ALL', ({ responses, res, fork, redirect }) => {
  const statuses: number[] = responses.map(({ status }) => status)
  const contacts: readonly Address[] = res.contacts
  fork(contacts.map(({ uri }) => ({ ruri: uri })))
  redirect(contacts.map(({ uri }) => uri))
  // @ts-expect-error -- what was answered stays
  responses.push(res)
  // @ts-expect-error -- the Contacts of a response too
  contacts.pop()
  void statuses
})

onLocal(({ req, drop, log, vars, done, signal }) => {
  req.headers.set('X-By', String(signal.aborted) + Object.keys(vars).join())
  req.ruri = req.ruri.with({ user: 'x' })
  req.dstUri = 'sip:gw'
  req.body = 'text'
  void done.then(() => log.info(req.method))
  drop()
})
// @ts-expect-error -- it has no name
onLocal('X', () => {})
// @ts-expect-error -- it is ours to send, not to relay
onLocal(({ relay }) => relay())

onEvent('uac:reply', ({ req, res, param, code, type, log, uac }) => {
  const kinds: 'received' | 'local' = type
  log.info(`${req.method} ${req.ruri.user} ${res.status === code} ${String(param)} ${kinds}`)
  void uac.send({ method: 'OPTIONS', ruri: 'sip:gw' })
})
// @ts-expect-error -- no such event
onEvent('uac:repli', () => {})
// @ts-expect-error -- it has been sent
onEvent('uac:reply', ({ req }) => req.headers.set('X', 'y'))

onLoad(async ({ uac, signal, data, log }) => {
  const res: Response = await uac.send({
    method: 'INFO',
    ruri: 'sip:gw',
    from: { display: 'A', uri: 'sip:a@b', tag: 't' },
    to: '"B" <sip:b@c>',
    via: 'sip:proxy',
    headers: { Subject: 'x', 'X-List': ['a', 'b'] },
    body: new Uint8Array(),
    auth: { username: 'u', password: 'p' },
    timeout: '5s',
    callId: 'c',
    cseq: 7,
    socket: 'udp:127.0.0.1:5060',
    param: { any: 'thing' },
  })
  data.status = res.status
  log.info(String(signal.aborted))
})
// @ts-expect-error -- nobody is there to be relayed
onLoad(({ relay }) => relay())
onDispose(({ data }) => void data.timer)
// @ts-expect-error -- a Request-URI is needed
onRequest(({ uac }) => void uac.send({ method: 'OPTIONS' }))
// @ts-expect-error -- a misspelled option
onRequest(({ uac }) => void uac.send({ method: 'OPTIONS', ruri: 'sip:a', timeot: 5 }))
// A party of a message is taken as it is.
onFailure('X', async ({ req, uac }) => void (await uac.send({ method: 'MESSAGE', ruri: req.ruri, to: req.from })))
onRequest(({ uac, req }) => {
  uac.replaceFrom({ display: 'Anonymous', uri: 'sip:anonymous@anonymous.invalid' })
  uac.replaceFrom({ display: '' })
  uac.replaceTo('tel:+49')
  uac.replaceTo(req.ruri)
  uac.replaceTo(req.from)
  // @ts-expect-error -- a display name is a string
  uac.replaceFrom({ display: 7 })
  // @ts-expect-error -- a misspelled key
  uac.replaceFrom({ displayName: 'x' })
  // @ts-expect-error -- something is to be replaced
  uac.replaceFrom()
  // @ts-expect-error -- there is no dialog yet
  uac.restoreFrom()
})
onInDialog(({ uac }) => {
  const restored: [boolean, boolean] = [uac.restoreFrom(), uac.restoreTo()]
  uac.replaceFrom({ display: restored.join() })
})
onBranch('X', ({ uac }) => uac.replaceTo('sip:x@y'))
// @ts-expect-error -- a dialog is restored where its requests are routed
onBranch('X', ({ uac }) => void uac.restoreTo())
onFailure('X', ({ uac }) => (uac.auth() ? uac.replaceFrom('sip:x@y') : uac.replaceTo('sip:x@y')))
// @ts-expect-error -- what left has left
onReply(({ uac }) => uac.replaceFrom('sip:x@y'))
// @ts-expect-error -- only the challenge of a branch is answered there
onBranchFailure('X', ({ uac }) => uac.replaceFrom('sip:x@y'))

/** What every context has, for a function that any route may call. */
function noted({ req, log, vars, signal, done, uac }: CallContext): void {
  void uac.send({ method: 'OPTIONS', ruri: req.ruri })
  log.info(`${req.method} ${signal.aborted} ${Object.keys(vars).length}`)
  void done
}
onRequest(noted)
onInDialog(noted)
onBranch('X', noted)
onReply(noted)
onReply('X', noted)
onBranchFailure('X', noted)
onFailure('X', noted)
onLocal(noted)

const stamp = onBranch('STAMP', () => {})
const hide = onReply('HIDE', () => {})
const next = onBranchFailure('NEXT', () => {})
const kept: ['STAMP', 'HIDE', 'NEXT'] = [stamp.name, hide.name, next.name]
onRequest(({ fork }) => fork(['sip:a'], { onBranch: stamp, onReply: hide, onBranchFailure: next }))
onRequest(({ relay }) => relay({ onBranch: kept[0], onReply: kept[1], onBranchFailure: kept[2] }))
// @ts-expect-error -- a handle of another kind
onRequest(({ relay }) => relay({ onBranch: hide }))
// @ts-expect-error -- a handle of another kind
onRequest(({ relay }) => relay({ onReply: next }))
// @ts-expect-error -- a handle of another kind
onRequest(({ relay }) => relay({ onBranchFailure: stamp }))
// @ts-expect-error -- the onReply without a name is no handle
onRequest(({ relay }) => relay({ onReply: onReply(() => {}) }))

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

onFailure('X', async ({ sql, req }) => {
  const [row] = await sql<{
    auth_username: string
  }>`select auth_username from uacreg where l_username = ${req.from.uri.user}`
  row?.auth_username.toUpperCase()
  // @ts-expect-error -- a column that the row has not
  void row?.password
  await sql`insert into t values (${1}, ${2n}, ${true}, ${null}, ${new Date()}, ${new Uint8Array()})`
})
// @ts-expect-error -- undefined is no value
onRequest(({ sql }) => void sql`select ${undefined}`)
// @ts-expect-error -- an address is an object: `req.from.uri.user` is its text
onRequest(({ sql, req }) => void sql`select ${req.from}`)
// @ts-expect-error -- a statement is a template: nothing is put together from strings
onRequest(({ sql }) => void sql('select 1'))
// @ts-expect-error -- a query inside a query is none
onRequest(({ sql }) => void sql`select ${sql`select 1`}`)

onRequest(({ req, uac }) => {
  const trunk = uac.reg.lookup(req.ruri.user, { from: req.source })
  if (trunk) req.ruri = trunk.localUri
  const sent: boolean = uac.reg.requestTo('office', { by: 'uuid', account: true })
  if (!sent && uac.reg.status('office') === 'failed') uac.reg.lookupUri(req.from.uri)
  // @ts-expect-error by is uuid or username
  uac.reg.requestTo('office', { by: 'name' })
  // @ts-expect-error no such state
  if (uac.reg.status('office') === 'online') uac.reg.lookup('x')
  // @ts-expect-error a password is not for routes
  void trunk?.password
})

onReply(({ uac }) => {
  void uac.reg.lookup('office')
  // @ts-expect-error a reply is sent to nobody else
  uac.reg.requestTo('office', { by: 'uuid' })
})

onBranchFailure('TRUNK', ({ uac }) => {
  // @ts-expect-error what is tried in its place is named in relay
  uac.reg.requestTo('office', { by: 'uuid' })
})

onEvent('uac:registration', ({ uuid, from, to, reason, expires, uac, log }) => {
  if (from === 'registered' && to === 'failed') log.warn(uuid + reason + expires.toFixed())
  void uac.reg.status(uuid)
})
