// expected: no-action 5
import { onRequest, type RequestContext } from '@signalbox/dsl'

onRequest(async (call) => {
  if (await blocked(call)) return
  call.relay()
})

async function blocked({ req, reply, sql }: RequestContext): Promise<boolean> {
  const [row] = await sql<{ why: string }>`select why from blocked where caller = ${req.from.uri.user}`
  if (row === undefined) return false
  if (row.why === 'spam') reply(603)
  return true
}
