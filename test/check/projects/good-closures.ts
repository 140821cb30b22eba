// expected: nothing
import { onRequest } from '@signalbox/dsl'

onRequest(async ({ req, relay, reply, signal }) => {
  const refuse = (status: number) => {
    reply(status, 'No')
    return true as const
  }
  const checked = () => req.headers.has('X-Bad') && refuse(400)
  if (checked()) return
  await new Promise((resolve) => setTimeout(resolve, 10))
  if (signal.aborted) return
  if (req.ruri.user === 'x') return void refuse(404)
  relay()
})
