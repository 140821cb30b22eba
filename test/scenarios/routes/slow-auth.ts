/** A failure route that answers the challenge only after the caller has cancelled. */
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090', onFailure: 'TRUNK' }))

onFailure('TRUNK', async ({ canceled, signal, uac, relay, log }) => {
  log.info(`canceled before: ${canceled}`)
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
  log.info(`auth after: ${uac.auth({ username: 'test', password: 'test' })}`)
  relay()
})
