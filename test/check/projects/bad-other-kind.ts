// expected: unknown-route 5
import { onReply, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => {
  relay({ to: 'sip:192.0.2.1', onFailure: 'NOTE' })
})

onReply('NOTE', ({ res, log }) => log.info(`${res.status}`))
