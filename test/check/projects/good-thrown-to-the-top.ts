// expected: nothing
import { onRequest, type RequestContext } from '@signalbox/dsl'

class Answered extends Error {}

function refuse({ reply }: RequestContext, status: number): never {
  reply(status)
  throw new Answered()
}

onRequest((call) => {
  let refused = false
  try {
    if (call.req.source.port === 0) refuse(call, 400)
    call.req.headers.getAll('X-Tag').forEach((tag) => {
      if (tag === 'bad') refused = true
    })
    if (refused) throw new Error('bad tag')
    call.relay()
  } catch (error) {
    if (error instanceof Answered) return
    call.reply(500)
  }
})
