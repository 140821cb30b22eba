// expected: nothing
import { onRequest } from '@signalbox/dsl'

onRequest(({ req, relay, reply, log }) => {
  const known = req.ruri.user.startsWith('+49')
  if (req.method === 'INVITE') relay({ to: 'sip:192.0.2.1' })
  log.info(`${req.method} ${req.ruri.user}`)
  if (req.method !== 'INVITE' && known) reply(200)
  if (req.method !== 'INVITE' && !known) reply(404)
})
