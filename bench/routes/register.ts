// Phones are kept: kamailio/native.cfg with REGISTRAR.
import { onRequest } from '@signalbox/dsl'

onRequest(({ req, registrar, relay }) => {
  if (req.method === 'REGISTER') return registrar.save()
  return relay({ to: 'sip:127.0.0.1:5090' })
})
