/** Thinks about a failure until the caller has given up. */
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090', onFailure: 'SLOW' }))

onFailure('SLOW', async (call) => {
  call.log.info(`canceled before: ${call.canceled}`)
  await new Promise((resolve) => call.signal.addEventListener('abort', resolve))
  call.log.info(`canceled after: ${call.canceled}`)
  call.relay({ to: 'sip:127.0.0.1:5091' })
  call.reply(480)
})
