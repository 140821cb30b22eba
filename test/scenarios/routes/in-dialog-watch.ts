/** Watches what happens within a dialog and leaves it to the core. */
import { onFailure, onInDialog, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090', onFailure: 'TRUNK' }))

onInDialog(async ({ req, log }) => {
  log.info(`${req.method} ${req.cseq.number} from ${req.from.tag === '' ? 'nobody' : req.from.uri.user}`)
  await Promise.resolve()
})

onFailure('TRUNK', ({ uac, relay }) => {
  if (uac.auth({ username: 'test', password: 'test' })) relay()
})
