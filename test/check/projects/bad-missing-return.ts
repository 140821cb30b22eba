// expected: second-action 6
import { onRequest } from '@signalbox/dsl'

onRequest(({ req, relay, reply }) => {
  if (req.method !== 'INVITE') reply(405)
  relay({ to: 'sip:192.0.2.1' })
})
