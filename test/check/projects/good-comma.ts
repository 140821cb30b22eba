// expected: nothing
import { onRequest } from '@signalbox/dsl'

onRequest(({ req, relay, reply }) => {
  const sent = req.method === 'INVITE' && (relay({ to: 'sip:gw.example' }), true)
  if (!sent) reply(405)
})
