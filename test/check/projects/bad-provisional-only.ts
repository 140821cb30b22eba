// expected: no-action 4
import { onRequest } from '@signalbox/dsl'

onRequest(async ({ reply, log }) => {
  log.info('ringing')
  reply(180)
  await new Promise((resolve) => setTimeout(resolve, 100))
})
