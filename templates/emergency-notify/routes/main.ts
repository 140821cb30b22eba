import { onRequest, type RequestContext } from '@signalbox/dsl'

const EMERGENCY = new Set(['000', '112', '116'])

onRequest(async (call) => {
  const { req, reply, log } = call
  if (req.method === 'INVITE' && EMERGENCY.has(req.ruri.user)) {
    log.warn(
      `Emergency call from ${req.from.uri.user} to ${req.ruri.user} (Emergency number) CSeq is ${req.cseq.number}`,
    )
    void emergencyNotify(call)
    return reply(200, 'ok')
  }
  reply(404, 'Not Found')
})

async function emergencyNotify({ req, uac, log }: RequestContext) {
  const res = await uac.send({
    method: 'MESSAGE',
    ruri: 'sip:127.0.0.1:5091',
    from: { display: 'Emergency Alert', uri: 'sip:alert@127.0.0.1' },
    to: 'sip:thisphone@127.0.0.1',
    headers: { Subject: 'Emergency Alert', 'Content-Type': 'text/plain' },
    body: `Emergency call from ${req.from.uri.user} on IP Address ${req.source.address} to ${req.ruri.user} (Emergency Number)`,
  })
  log.info(`notified: ${res.status}`)
}
