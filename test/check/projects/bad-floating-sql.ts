// expected: floating-promise 5
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ req, sql, relay }) => {
  if (req.method === 'INVITE') sql`insert into calls (callid) values (${req.callId})`
  relay({ onFailure: 'NOTE' })
})

onFailure('NOTE', async ({ sql, res }) => {
  await sql`insert into failures (status) values (${res.status})`
})
