// expected: second-action 13
import { onRequest, type RequestContext } from '@signalbox/dsl'

onRequest(async (call) => {
  call.reply(403)
  await refused(call)
})

/** Who calls this has answered already. */
async function refused({ log, drop }: RequestContext) {
  log.warn('refused')
  await Promise.resolve()
  drop()
}
