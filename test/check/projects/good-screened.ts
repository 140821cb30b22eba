// expected: nothing
import { onRequest, type RequestContext } from '@signalbox/dsl'

onRequest(async (call) => {
  if (await screened(call)) return
  if (limited(call)) return
  call.relay({ to: 'sip:192.0.2.1' })
})

async function screened({ req, reply, sql }: RequestContext): Promise<boolean> {
  const [row] = await sql<{ n: number }>`select 1 as n from blocked where caller = ${req.from.uri.user}`
  if (row === undefined) return false
  reply(603, 'Blocked')
  return true
}

/** Whether it has answered cannot be told from what it returns. */
function limited(call: RequestContext): boolean {
  const verdict = { refused: false }
  if (call.req.ruri.user.length > 20) {
    call.reply(414)
    verdict.refused = true
  }
  return verdict.refused
}
