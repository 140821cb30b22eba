// expected: no-action 8
import { onRequest } from '@signalbox/dsl'

onRequest(async ({ registrar, relay, reply, log }) => {
  try {
    if (await registrar.lookup()) relay()
    else reply(404)
  } catch (error) {
    log.error(String(error))
  }
})
