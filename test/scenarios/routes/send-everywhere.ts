/** Sends an INFO from every kind of route, and says which one in a header. */
import {
  onBranch,
  onBranchFailure,
  onDispose,
  onEvent,
  onFailure,
  onInDialog,
  onLoad,
  onLocal,
  onReply,
  onRequest,
  type UacSend,
} from '@signalbox/dsl'

function told(uac: UacSend, kind: string) {
  return uac.send({ method: 'INFO', ruri: 'sip:127.0.0.1:5091', headers: { 'X-Kind': kind }, timeout: '2s' })
}

onRequest(async ({ uac, relay, req, log }) => {
  const res = await told(uac, 'request')
  log.info(`told: ${res.status}`)
  const onFailure = req.ruri.user === 'fails' ? 'FAILED' : undefined
  relay({ to: 'sip:127.0.0.1:5090', onBranch: 'LEAVING', ...(onFailure && { onFailure, onBranchFailure: 'ONE' }) })
})
onInDialog(async ({ uac }) => void (await told(uac, 'inDialog')))
onBranch('LEAVING', async ({ uac }) => void (await told(uac, 'branch')))
onReply(async ({ uac, res }) => {
  if (res.status === 180 || res.status === 486) await told(uac, 'reply')
})
onBranchFailure('ONE', async ({ uac }) => void (await told(uac, 'branchFailure')))
onFailure('FAILED', async ({ uac }) => void (await told(uac, 'failure')))
onLocal(async ({ req, uac }) => {
  if (req.headers.get('X-Kind') === 'request') await told(uac, 'local')
})
onEvent('uac:reply', async ({ req, uac }) => {
  if (req.headers.get('X-Kind') === 'request') await told(uac, 'event')
})
onLoad(({ uac }) => void told(uac, 'load'))
onDispose(async ({ uac, log }) => log.info(`dispose told: ${(await told(uac, 'dispose')).status}`))
