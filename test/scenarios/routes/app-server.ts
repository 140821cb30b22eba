/** Calls go to an application server first, which sends them back for the carrier. */
import { onRequest } from '@signalbox/dsl'

onRequest(({ req, relay }) => {
  if (req.ruri.user === 'carrier') relay({ to: 'sip:127.0.0.1:5090', auth: { username: 'test', password: 'test' } })
  else relay({ to: 'sip:127.0.0.7:5060' })
})
