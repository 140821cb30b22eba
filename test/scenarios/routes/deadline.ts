/** One route of each kind that never ends: the user of the Request-URI says which. */
import { once } from 'node:events'
import { onBranch, onBranchFailure, onEvent, onFailure, onInDialog, onLocal, onReply, onRequest } from '@signalbox/dsl'

const bus: NodeJS.EventEmitter = process
const carrier = 'sip:127.0.0.1:5090'
const never = (): Promise<unknown> => once(bus, 'scenario:go-on')

onRequest(async ({ req, relay, reply, uac, signal, log }) => {
  signal.addEventListener('abort', () => log.info('told to stop'))
  switch (req.ruri.user) {
    case 'request':
      await never()
      reply(183)
      return relay({ to: carrier })
    case 'acted':
      relay({ to: carrier })
      await never()
      return
    case 'own':
      return reply((await uac.send({ method: 'INFO', ruri: carrier })).status)
    case 'branch':
      return relay({ to: carrier, onBranch: 'NEVER' })
    case 'reply':
      return relay({ to: carrier, onReply: 'NEVER' })
    case 'branchFailure':
      return relay({ to: carrier, onBranchFailure: 'NEVER' })
    case 'failure':
      return relay({ to: carrier, onFailure: 'NEVER' })
    default:
      relay({ to: carrier })
  }
})

onInDialog(async () => void (await never()))

onBranch('NEVER', async ({ req }) => {
  req.headers.set('X-Branch', 'before')
  await never()
})

onReply('NEVER', async () => void (await never()))

onBranchFailure('NEVER', async ({ relay }) => {
  await never()
  relay({ to: 'sip:127.0.0.1:5091' })
})

onFailure('NEVER', async ({ relay }) => {
  await never()
  relay({ to: 'sip:127.0.0.1:5091' })
})

onLocal(async () => void (await never()))

onEvent('uac:reply', async () => void (await never()))
