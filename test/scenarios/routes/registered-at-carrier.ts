/** Registered at a carrier: rows of uacreg are kept registered; calls in both directions. */
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(async ({ req, uac, registrar, relay, reply }) => {
  if (req.method === 'REGISTER') return registrar.save()
  const trunk = uac.reg.lookup(req.ruri.user) // uac_reg_lookup("$rU", "$ru")
  if (trunk) {
    req.ruri = trunk.localUri // sip:l_username@l_domain
    if (await registrar.lookup()) return relay() // location of the local user
    return reply(404, 'Not Found')
  }
  if (uac.reg.requestTo(req.from.uri.user, { by: 'uuid' })) {
    // uac_reg_request_to("$fU", 0); by: 'username' is mode 1
    return relay({ onFailure: 'REMOTE_AUTH' })
  }
  reply(403, 'No trunk')
})

onFailure('REMOTE_AUTH', ({ res, uac, relay }) => {
  if ((res.status === 401 || res.status === 407) && uac.auth()) relay() // credentials of the trunk chosen above
})
