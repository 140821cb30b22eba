// expected: nothing
import { onEvent, onLoad, onLocal, onRequest } from '@signalbox/dsl'

onRequest(({ reply }) => reply(405))

onLoad(({ uac, data, log }) => {
  data['ping'] = setInterval(() => {
    void uac.send({ method: 'OPTIONS', ruri: 'sip:192.0.2.1' }).then(({ status }) => log.info(`${status}`))
  }, 30_000)
})

onLocal(({ req, drop }) => {
  if (req.method === 'PUBLISH') drop()
})

onEvent('uac:reply', async ({ res, sql }) => {
  await sql`insert into pings (status) values (${res.status})`
})
