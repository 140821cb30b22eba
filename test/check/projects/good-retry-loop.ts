// expected: nothing
import { onRequest } from '@signalbox/dsl'

onRequest(async ({ req, sql, relay, reply, log }) => {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const [row] = await sql<{ target: string }>`select target from routes where prefix = ${req.ruri.user}`
      if (row === undefined) return reply(404)
      return relay({ to: row.target })
    } catch (error) {
      log.warn(`attempt ${attempt}: ${String(error)}`)
    }
  }
  reply(503)
})
