/** Routes that lean on what is easily got wrong: budgets, bounds, the next hop that a route set, and answers within a dialog. */
import { onBranchFailure, onFailure, onInDialog, onRequest } from '@signalbox/dsl'

const carrier = 'sip:127.0.0.1:5090'
const many = Array.from({ length: 13 }, (_, i) => ({ ruri: `sip:many${i}@127.0.0.1:5090` }))

onRequest((call) => {
  const { req, relay, fork } = call
  if (req.ruri.user === 'many') return fork(many, { onBranchFailure: 'ONCE-MORE', onFailure: 'SHOW' })
  if (req.ruri.user === 'bounded') return relay({ to: [carrier, 'sip:127.0.0.1:5091'], timeouts: { final: 1000 } })
  if (req.ruri.user === 'hurried') return relay({ to: carrier, timeouts: { provisional: 3000, final: 1000 } })
  if (req.ruri.user === 'done') {
    void call.done.then(() => call.log.info('done'))
    return fork([carrier, 'sip:127.0.0.1:5091'])
  }
  if (req.ruri.user === 'rotates') return relay({ to: carrier, onFailure: 'ROTATE' })
  req.dstUri = carrier
  relay({ onFailure: 'AGAIN' })
})

onInDialog(({ req, reply }) => {
  if (req.method === 'INVITE') reply(200)
})

onBranchFailure('ONCE-MORE', ({ vars, relay }) => {
  const tried = vars as { tried?: number }
  tried.tried = (tried.tried ?? 0) + 1
  if (tried.tried <= many.length) relay()
})

onFailure('SHOW', ({ responses, log }) => log.info(`shown ${responses.length}`))

onFailure('AGAIN', ({ req, relay, log }) => {
  log.info(`next hop ${req.dstUri?.toString() ?? 'none'}`)
  relay()
})

onFailure('ROTATE', ({ vars, uac, relay }) => {
  const state = vars as { passwords?: string[] }
  state.passwords ??= ['old', 'new']
  const password = state.passwords.shift()
  if (password !== undefined && uac.auth({ username: 'u', password })) relay()
})
