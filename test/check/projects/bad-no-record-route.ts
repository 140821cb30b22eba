// expected: record-route 6
import { onInDialog, onRequest } from '@signalbox/dsl'

onRequest(({ req, relay, reply }) => {
  if (req.method === 'OPTIONS') return reply(200)
  relay({ to: 'sip:192.0.2.1', recordRoute: false })
})

onInDialog(({ log }) => log.info('never'))
