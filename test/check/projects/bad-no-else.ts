// expected: no-action 5
import { onRequest } from '@signalbox/dsl'

onRequest(({ req, relay }) => {
  if (req.method === 'INVITE') relay({ to: 'sip:192.0.2.1' })
})
