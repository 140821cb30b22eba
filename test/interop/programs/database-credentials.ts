// 5. Credentials from the database
import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090', onFailure: 'TRUNKAUTH' }))

onFailure('TRUNKAUTH', async ({ req, res, sql, uac, relay }) => {
  if (res.status !== 401 && res.status !== 407) return
  const [row] = await sql<{ auth_username: string; auth_password: string }>`
    select auth_username, auth_password from uacreg where l_username = ${req.from.uri.user}`
  if (row && uac.auth({ username: row.auth_username, password: row.auth_password })) relay()
})
