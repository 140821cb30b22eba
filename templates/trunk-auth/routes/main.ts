import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ req, relay }) => {
  if (req.method === 'INVITE') relay({ to: 'sip:127.0.0.1:5090', onFailure: 'TRUNKAUTH' })
  else relay({ to: 'sip:127.0.0.1:5090' })
})

onFailure('TRUNKAUTH', ({ res, canceled, uac, relay, log }) => {
  log.info('trunk auth')
  if (canceled) return
  if (res.status === 401 || res.status === 407) {
    // signalbox-allow secret: the account of the tests; take yours from process.env or the database
    if (uac.auth({ username: 'test', password: 'test' })) relay()
  }
})
