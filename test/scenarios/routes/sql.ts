/** What goes wrong with a database, one mistake for each callee. */
import { onFailure, onRequest, type RequestContext } from '@signalbox/dsl'

onRequest(async (call) => {
  const { req, reply, relay } = call
  if (req.ruri.user === 'held') return relay({ to: 'sip:127.0.0.1:5090', onFailure: 'HELD' })
  if (req.ruri.user === 'failing') return relay({ to: 'sip:127.0.0.1:5090', onFailure: 'FAILING' })
  const status = await answers[req.ruri.user]!(call)
  reply(status)
})

const answers: Record<string, (call: RequestContext) => Promise<number>> = {
  async missing({ sql }) {
    await sql`select 1 from no_such_table`
    return 200
  },
  async undefined({ sql, vars }) {
    const { number } = vars as { number?: string }
    await sql`select ${number!} as a`
    return 200
  },
  async string({ sql, req }) {
    await (sql as unknown as (text: string) => Promise<unknown>)(`select '${req.from.uri.user}'`)
    return 200
  },
  async caught({ sql, log }) {
    try {
      await sql`select 1 from no_such_table`
    } catch (error) {
      const { name, code } = error as Error & { code: string }
      log.info(`${name} ${code}`)
      return 480
    }
    return 200
  },
  async injected({ sql, req }) {
    const rows = await sql`select 1 as found from uacreg where l_username = ${req.from.uri.user}`
    return rows.length === 0 ? 404 : 200
  },
}

onFailure('HELD', async (call) => {
  call.log.info(`before: ${call.canceled}`)
  const [row] = await call.sql<{ n: number }>`select 1 as n`
  call.log.info(`after: ${call.canceled}, row ${row?.n}, auth ${call.uac.auth({ username: 'a', password: 'b' })}`)
  call.relay({ to: 'sip:127.0.0.1:5091' })
  call.reply(480)
})

onFailure('FAILING', async ({ sql, relay }) => {
  await sql`select 1 from no_such_table`
  relay({ to: 'sip:127.0.0.1:5091' })
})
