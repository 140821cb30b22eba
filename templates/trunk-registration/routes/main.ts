import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(async ({ req, uac, registrar, relay, reply }) => {
  if (req.method === 'REGISTER') return registrar.save()
  const trunk = uac.reg.lookup(req.ruri.user)
  if (trunk) {
    req.ruri = trunk.localUri // sip:l_username@l_domain
    if (await registrar.lookup()) return relay() // where that phone has registered
    return reply(404, 'Not Found')
  }
  // A phone calls as the l_uuid of the trunk that it may use.
  const own = uac.reg.lookup(req.from.uri.user)
  if (own && uac.reg.requestTo(req.from.uri.user, { by: 'uuid' })) {
    uac.replaceFrom(own.remoteUri) // sip:r_username@r_domain: carriers know the account, not the phone
    return relay({ onFailure: 'REMOTE_AUTH' })
  }
  reply(403, 'No trunk')
})

onFailure('REMOTE_AUTH', ({ res, uac, relay }) => {
  if ((res.status === 401 || res.status === 407) && uac.auth()) relay() // credentials of the trunk chosen above
})
