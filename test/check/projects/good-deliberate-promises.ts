// expected: nothing
import { onRequest } from '@signalbox/dsl'

onRequest(async ({ req, uac, sql, registrar, relay, reply, log, done }) => {
  if (req.method === 'REGISTER') return registrar.save()
  void uac.send({ method: 'OPTIONS', ruri: 'sip:192.0.2.9' })
  void done.then(() => log.info('done'))
  sql`insert into calls (callid) values (${req.callId})`.catch((error: unknown) => log.error(String(error)))
  const lookup = registrar.lookup()
  const [rows, found] = await Promise.all([sql`select 1 as n`, lookup])
  if (!found || rows.length === 0) return reply(404)
  relay()
})
