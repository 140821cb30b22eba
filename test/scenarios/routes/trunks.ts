/** Program 2 without a registrar of its own: calls in both directions, and what is heard of trunks. */
import { onEvent, onRequest } from '@signalbox/dsl'

onRequest(({ req, uac, relay, reply }) => {
  const trunk = uac.reg.lookup(req.ruri.user)
  if (trunk) {
    req.ruri = trunk.localUri
    return relay({ to: 'sip:127.0.0.1:5070' })
  }
  if (uac.reg.requestTo(req.from.uri.user, { by: 'uuid' })) return relay({ auth: true })
  reply(403, 'No trunk')
})

onEvent('uac:registration', ({ uuid, from, to, reason, expires, log }) => {
  log.info(`event ${uuid}: ${from} > ${to} (${expires})${reason && ` ${reason}`}`)
})
