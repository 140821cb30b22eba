// Calls go to the carrier; everything else is answered here.
import { onRequest } from '@signalbox/dsl'

onRequest(({ req, relay, reply }) => {
  if (req.method === 'INVITE') relay({ to: 'sip:127.0.0.1:5090' })
  else reply(200)
})
