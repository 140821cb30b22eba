/** A carrier that challenges within the dialog, too. */
import { onFailure, onInDialog, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090', onFailure: 'TRUNK' }))

onInDialog(({ relay }) => relay({ onFailure: 'TRUNK' }))

onFailure('TRUNK', ({ res, uac, relay }) => {
  if (res.status !== 401 && res.status !== 407) return
  if (uac.auth({ username: 'test', password: 'test' })) relay()
})
