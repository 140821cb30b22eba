import { onRequest } from '@signalbox/dsl'

onRequest(({ req, relay, reply, log }) => {
  log.info(`${req.method} from ${req.from.uri.user} to ${req.ruri.user}`)
  if (req.method === 'OPTIONS') reply(200, 'Hello')
  else relay({ to: 'sip:127.0.0.1:5090' })
})
