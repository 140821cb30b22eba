/** `auth` in place of a failure route, and failure routes that answer a whole fork, by the dialled user. */
import { onBranch, onFailure, onInDialog, onRequest, type RequestContext } from '@signalbox/dsl'

const one = 'sip:127.0.0.1:5090'
const two = 'sip:127.0.0.1:5091'
const account = { username: 'test', password: 'test' }

const acts: Record<string, (call: RequestContext) => void> = {
  bob: ({ relay }) => relay({ to: one, auth: account }),
  both: ({ fork }) => fork([one, two], { auth: account }),
  // Each pass through here answers the challenge of one realm.
  spiral: ({ req, relay }) => {
    req.ruri = req.ruri.with({ user: 'carrier-realm' })
    relay({ to: 'sip:127.0.0.1:5080', auth: { ...account, realm: 'outer' } })
  },
  'carrier-realm': ({ relay }) => relay({ to: one, auth: { ...account, realm: 'carrier' } }),
  // The last step of a failover: the second gateway asks.
  failover: ({ relay }) => relay({ to: [one, two], auth: account }),
  'other-realm': ({ relay }) => relay({ to: one, auth: { ...account, realm: 'elsewhere' }, onFailure: 'SAY' }),
  configured: ({ relay }) => relay({ to: one, auth: true }),
  'in-vars': ({ relay, vars }) => {
    Object.assign(vars, { auser: 'test', apass: 'test' })
    relay({ to: one, auth: true })
  },
  'then-plain': ({ relay }) => relay({ to: one, auth: account, onFailure: 'SECOND' }),
  'fork-then-auth': ({ fork }) => fork([one, two], { onFailure: 'AUTH' }),
  rewritten: ({ relay }) => relay({ to: one, auth: account, onBranch: 'REWRITE' }),
  'ruri-edited': ({ relay }) => relay({ to: { ruri: 'sip:0049@gw.example', to: one }, onFailure: 'EDIT' }),
  'ruri-kept': ({ relay }) => relay({ to: { ruri: 'sip:0049@gw.example', to: one }, onFailure: 'AUTH' }),
  chosen: ({ relay }) => relay({ to: one, onFailure: 'AUTH' }),
  stamped: ({ relay }) => relay({ to: one, auth: account, onBranch: 'STAMP' }),
  edited: ({ relay }) => relay({ to: one, onFailure: 'EDIT' }),
  empty: ({ relay }) => relay({ to: one, auth: {} as never }),
  'empty-later': ({ relay }) => relay({ to: one, onFailure: 'EMPTY' }),
  'no-credentials-on': ({ req, relay }) => {
    req.headers.delete('Proxy-Authorization')
    relay({ to: one })
  },
}

onRequest((call) => acts[call.req.ruri.user]?.(call))

onInDialog(({ req, relay }) => {
  if (req.headers.has('X-With-Auth')) relay({ auth: true })
  // Anything else goes the core's own way.
  if (req.headers.has('X-Ask-The-Route')) relay({ onFailure: 'REMEMBERED' })
})

onBranch('STAMP', ({ req }) => {
  req.ruri = req.ruri.with({ user: '0049' })
})

let runs = 0
onBranch('REWRITE', ({ req }) => {
  req.ruri = req.ruri.with({ user: `n${++runs}` })
  req.body = `run ${runs}`
})

onFailure('SAY', ({ res, log }) => log.info(`failed: ${res.status}`))

onFailure('SECOND', ({ relay }) => relay({ to: two }))

onFailure('AUTH', ({ uac, relay }) => {
  if (uac.auth(account)) relay()
})

onFailure('EMPTY', ({ uac }) => void uac.auth({} as never))

onFailure('EDIT', ({ req, uac, relay }) => {
  if (!uac.auth(account)) return
  req.ruri = req.ruri.with({ user: 'later' })
  relay()
})

onFailure('REMEMBERED', ({ uac, relay, log }) => {
  const isAnswered = uac.auth()
  log.info(`in dialog: ${isAnswered}`)
  if (isAnswered) relay()
})
