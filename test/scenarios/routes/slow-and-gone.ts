/** Stops without an action once the caller has given up. */
import { onRequest } from '@signalbox/dsl'

onRequest(async ({ signal }) => {
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
})
