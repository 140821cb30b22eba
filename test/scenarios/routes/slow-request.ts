/** Thinks about a call until its caller has given up. */
import { onRequest } from '@signalbox/dsl'

onRequest(async ({ signal, relay, reply, log }) => {
  log.info(`aborted before: ${signal.aborted}`)
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
  log.info(`aborted after: ${signal.aborted}`)
  reply(183)
  relay({ to: 'sip:127.0.0.1:5090' })
})
