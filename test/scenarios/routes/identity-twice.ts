import { onRequest } from '@signalbox/dsl'

onRequest(({ req, uac, relay, log }) => {
  uac.replaceFrom({ display: 'First', uri: 'sip:first@example.com' })
  uac.replaceFrom(req.ruri.with({ user: 'second', host: 'example.com', port: null }))
  log.info(`${req.from.uri.toString()} "${req.from.display}"`)
  relay({ to: 'sip:127.0.0.1:5090' })
})
