/** Does what the request's headers ask for, in JSON: one replacement after another. What is refused goes into the log, by its code. */
import { onInDialog, onRequest, type CallContext, type Identity, type UacReplace } from '@signalbox/dsl'

onRequest((call) => {
  replaceAsAsked(call)
  call.relay({ to: 'sip:127.0.0.1:5090' })
})

onInDialog((call) => {
  replaceAsAsked(call)
  if (call.req.headers.has('X-Restore')) call.log.info(`restored: ${call.uac.restoreFrom()} ${call.uac.restoreTo()}`)
  call.relay({ recordRoute: call.req.headers.has('X-Record') })
})

function replaceAsAsked({ req, uac, log }: CallContext & { uac: UacReplace }): void {
  for (const name of ['X-From', 'X-To']) {
    for (const value of req.headers.getAll(name)) {
      const identity = JSON.parse(value) as Identity | string
      try {
        if (name === 'X-From') uac.replaceFrom(identity)
        else uac.replaceTo(identity)
      } catch (error) {
        log.info(`refused: ${(error as { code: string }).code}`)
      }
    }
    req.headers.delete(name)
  }
}
