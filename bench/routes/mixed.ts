// Calls to the carrier are challenged and answered, the others are plain.
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ req, relay }) => {
  if (req.ruri.user === 'carrier') relay({ to: 'sip:127.0.0.1:5091', onFailure: 'TRUNKAUTH' })
  else relay({ to: 'sip:127.0.0.1:5090' })
})

onFailure('TRUNKAUTH', ({ res, canceled, uac, relay }) => {
  if (canceled) return
  if (res.status === 401 || res.status === 407) {
    if (uac.auth({ username: 'test', password: 'test' })) relay()
  }
})
