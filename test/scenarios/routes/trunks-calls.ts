/** Everything that routes do with trunks, chosen by a header of the caller. */
import { onBranch, onFailure, onInDialog, onLocal, onRequest } from '@signalbox/dsl'

onRequest(({ req, uac, relay, reply }) => {
  const [what, user = ''] = (req.headers.get('X-Do') ?? '').split(' ')
  if (what === 'status') return reply(200, uac.reg.status(user) ?? 'none')
  if (what === 'lookup') return reply(200, uac.reg.lookup(req.ruri.user)?.localUri.toString() ?? 'none')
  if (what === 'guarded') return reply(200, uac.reg.lookup(req.ruri.user, { from: req.source })?.uuid ?? 'none')
  if (what === 'uri') return reply(200, uac.reg.lookupUri(user)?.uuid ?? 'none')
  if (what === 'branch') return relay({ to: 'sip:127.0.0.9', onBranch: 'OUT', onFailure: 'AUTH' })
  const by = what === 'username' ? 'username' : 'uuid'
  if (!uac.reg.requestTo(user, { by, account: what === 'account' })) return reply(403, 'No trunk')
  if (what === 'elsewhere') return relay({ to: 'sip:127.0.0.66', onFailure: 'AUTH' })
  if (what === 'by-itself') return relay({ to: 'sip:127.0.0.66', auth: true })
  relay({ onFailure: 'AUTH' })
})

onBranch('OUT', ({ uac }) => void uac.reg.requestTo('u1', { by: 'uuid' }))

onFailure('AUTH', ({ res, uac, relay }) => {
  if ((res.status === 401 || res.status === 407) && uac.auth()) relay()
})

onInDialog(({ relay }) => relay({ auth: true }))

let registers = 0

onLocal(({ req }) => {
  req.headers.set('User-Agent', 'tests')
  if (req.method === 'REGISTER') req.body = `register ${++registers}`
})
