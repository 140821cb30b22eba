// expected: nothing
import { onRequest, type RequestContext } from '@signalbox/dsl'

onRequest((call) => {
  const verdict = judge(call)
  if (verdict === 'answered') return
  const reason = complaint(call)
  if (reason !== undefined) return call.log.info(reason)
  call.relay()
})

function judge({ req, reply }: RequestContext): 'answered' | 'pass' {
  if (req.source.port > 1024) return 'pass'
  reply(403)
  return 'answered'
}

function complaint({ req, reply }: RequestContext): string | undefined {
  if (req.headers.has('Subject')) return
  reply(400, 'No subject')
  return 'no subject'
}
