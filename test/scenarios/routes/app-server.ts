/** Calls go to an application server first, which sends them back for the carrier, or to be answered here. */
import { onRequest } from '@signalbox/dsl'

const auth = { username: 'test', password: 'test' }

onRequest(({ req, relay, reply }) => {
  if (req.ruri.user !== 'carrier') relay({ to: 'sip:127.0.0.7:5060', auth })
  else if (req.headers.has('X-Here')) reply(200)
  else relay({ to: 'sip:127.0.0.1:5090', auth })
})
