/**
 * What goes on after an `await` because a datagram came may loop, too: it is ended, and what came to other sockets at the same time is served.
 * Nothing of RFC 3261 is asked here.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { startCli } from './cli-process.ts'
import { statusLineOf } from './options-request.ts'
import { tempProject } from './temp-project.ts'

const hosts = ['127.0.0.1', '127.0.0.2', '127.0.0.3']

const config = `export default {
  listen: ${JSON.stringify(hosts.map((host) => `udp:${host}:0`))},
  admin: { listen: '127.0.0.1:0' },
  handlers: { deadline: 2_000, cpu: 60 },
}
`

const routes = (port: number) => `import { onRequest } from '@signalbox/dsl'

let turns = 0
onRequest(async ({ req, reply, relay, uac }) => {
  const { user } = req.ruri
  if (user === 'sent') await uac.send({ method: 'MESSAGE', ruri: 'sip:x@127.0.0.1:${port}' })
  else if (user === 'relayed') await relay({ to: 'sip:x@127.0.0.1:${port}' })
  else return reply(200)
  for (;;) turns++
})
`

/** Hears one request and answers it when told so. */
async function answerer() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  onTestFinished(() => void socket.close())
  await once(socket, 'listening')
  const hear = async () => {
    const [bytes, from] = (await once(socket, 'message')) as [Buffer, { port: number; address: string }]
    const answer = bytes.toString().replace(/^.*/, 'SIP/2.0 202 Accepted')
    return () => new Promise((resolve) => socket.send(answer, from.port, from.address, resolve))
  }
  return { port: socket.address().port, hear }
}

test.each([
  ['sent', 'SIP/2.0 500 Server Internal Error'],
  ['relayed', 'SIP/2.0 202 Accepted'],
])('%s, and loops when it is answered', { timeout: 15_000 }, async (user, status) => {
  const { port, hear } = await answerer()
  const dir = await tempProject({ 'signalbox.config.ts': config, 'routes/main.ts': routes(port) })
  const cli = startCli(['start', dir])
  const [, ...ports] = await cli.says(/udp:[\d.]+:(\d+), udp:[\d.]+:(\d+), udp:[\d.]+:(\d+)/)
  const ask = (who: string, i: number): Promise<string> => statusLineOf(Number(ports[i]), who, hosts[i])
  for (let i = 0; i < 3; i++) {
    const heard = hear()
    const looping = ask(user, i)
    const answer = await heard
    // Whoever stands still finds all of them at once.
    cli.kill('SIGSTOP')
    const others = hosts.map((_, at) => ask('good', at))
    await answer()
    cli.kill('SIGCONT')
    expect([await looping, ...(await Promise.all(others))]).toEqual([status, ...hosts.map(() => 'SIP/2.0 200 OK')])
  }
  cli.kill('SIGTERM')
  expect((await cli.finished).code).toBe(0)
})
