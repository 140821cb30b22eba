// expected: nothing
import { onRequest } from '@signalbox/dsl'

onRequest(async ({ req, registrar, relay, reply, log }) => {
  const since = Date.now()
  try {
    if (await registrar.lookup()) return relay()
    reply(404)
  } catch (error) {
    log.error(String(error))
    reply(500)
  } finally {
    log.info(`${req.callId}: ${Date.now() - since} ms`)
  }
})
