// expected: nothing
import { onBranchFailure, onFailure, onRequest, type FailureContext } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:192.0.2.1', onFailure: 'AUTH', onBranchFailure: 'AT-ONCE' }))

onFailure('AUTH', (call) => {
  if (call.canceled) return
  const answered = challenged(call) && call.uac.auth()
  if (!answered) {
    call.log.warn('no answer to the challenge')
    if (call.res.status >= 500) call.relay({ to: 'sip:192.0.2.2' })
    return
  }
  call.relay()
})

onBranchFailure('AT-ONCE', ({ res, uac, relay }) => {
  let answered = false
  if (res.status === 401) answered = uac.auth()
  if (answered) relay()
})

const challenged = ({ res }: FailureContext): boolean => res.status === 401 || res.status === 407
