/** Has something to tell the caller, after he has given up. */
import { onRequest } from '@signalbox/dsl'

onRequest(async ({ signal, relay, reply }) => {
  relay({ to: 'sip:127.0.0.1:5090' })
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
  reply(183)
})
