// expected: nothing
import { onInDialog, onRequest, type Request } from '@signalbox/dsl'

onRequest(({ req, relay, reply, log }) => {
  if (isCall(req)) relay({ to: 'sip:192.0.2.1' })
  log.info(req.callId)
  if (!isCall(req) && isLocal(req.source.address)) return relay({ to: 'sip:192.0.2.2', recordRoute: false })
  if (isLocal(req.source.address)) return
  if (!isCall(req)) reply(403)
})

onInDialog(({ log }) => log.info('seen'))

const isCall = ({ method }: Request) => method === 'INVITE'

function isLocal(address: string): boolean {
  const local = ['127.0.0.1', '192.0.2.1']
  return local.includes(address)
}
