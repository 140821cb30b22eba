/** A challenge that cannot be answered is not the caller's business. */
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090', onFailure: 'TRUNK' }))

onFailure('TRUNK', ({ res, uac, relay, reply }) => {
  if (res.status !== 401 && res.status !== 407) return
  if (uac.auth()) relay()
  else reply(480, 'Trunk Refused')
})
