/** The local part of a registrar with trunks: phones register here and are called here. Some users show what may go wrong. */
import { onInDialog, onRequest } from '@signalbox/dsl'

onRequest(async ({ req, registrar, relay, reply, log }) => {
  if (req.method === 'REGISTER') return registrar.save()
  if (req.ruri.user === 'trunk') req.ruri = 'sip:alice@127.0.0.1'
  if (req.ruri.user === 'misused') return registrar.save()
  if (req.ruri.user === 'changed') {
    await registrar.lookup()
    req.ruri = 'sip:other@127.0.0.1:5090'
    return relay()
  }
  if (await registrar.lookup()) return relay()
  log.info('nobody there')
  reply(404, 'Not Found')
})

onInDialog(async ({ req, registrar, relay, log }) => {
  if (req.method === 'INFO') log.info(`in dialog: ${await registrar.lookup()}`)
  relay()
})
