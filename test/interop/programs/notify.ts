import { onRequest } from '@signalbox/dsl'

onRequest(async ({ req, reply, uac, log }) => {
  const res = await uac.send({
    method: 'MESSAGE',
    ruri: `sip:${req.ruri.user}@127.0.0.1:5090`,
    from: { display: 'Notifier', uri: 'sip:test@carrier.example' },
    headers: { 'Content-Type': 'text/plain' },
    body: 'Grüße',
    auth: { username: 'test', password: 'test' },
    timeout: '10s',
  })
  log.info(`notified: ${res.status}`)
  reply(res.status, `${res.cseq.number} ${res.reason}`)
})
