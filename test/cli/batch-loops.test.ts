/** Many datagrams that arrive at once, and the first one's handler loops: the others are answered, by either kind of socket. */
import { randomUUID } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { startCli } from './cli-process.ts'
import { tempProject } from './temp-project.ts'

const config = `export default {
  listen: ['udp:127.0.0.1:0'],
  admin: { listen: '127.0.0.1:0' },
  handlers: { deadline: 1_000, cpu: 60 },
}
`

const routes = `import { onRequest } from '@signalbox/dsl'

let turns = 0
onRequest(async ({ req, reply }) => {
  if (req.ruri.user === 'loop') for (;;) turns++
  if (req.ruri.user === 'never') await new Promise(() => {})
  reply(486)
})
`

async function talker(port: number) {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  onTestFinished(() => void socket.close())
  await once(socket, 'listening')
  const heard = new Set<string>()
  socket.on('message', (bytes) => {
    const [, status, callId, method] = /^SIP\/2\.0 (\d+)[^]*\nCall-ID: (\S+)[^]*\nCSeq: \d+ (\S+)/.exec(
      bytes.toString(),
    )!
    heard.add(`${callId} ${method} ${status}`)
  })
  const send = (method: string, user: string, callId: string): Promise<void> => {
    const request = [
      `${method} sip:${user}@127.0.0.1:${port} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${socket.address().port};branch=z9hG4bK${callId};rport`,
      'Max-Forwards: 70',
      'From: <sip:alice@127.0.0.1>;tag=1',
      `To: <sip:${user}@127.0.0.1>`,
      `Call-ID: ${callId}`,
      `CSeq: 1 ${method}`,
      'Contact: <sip:alice@127.0.0.1>',
      'Content-Length: 0',
      '\r\n',
    ].join('\r\n')
    return new Promise((resolve) => socket.send(request, port, '127.0.0.1', () => resolve()))
  }
  return { heard, send }
}

test.each(['batched', 'dgram'])('%s: one loops, fifty behind it are answered, and so is a CANCEL', async (kind) => {
  const dir = await tempProject({ 'signalbox.config.ts': config, 'routes/main.ts': routes })
  const cli = startCli(['start', dir], { SIGNALBOX_SOCKET: kind })
  const [, port] = await cli.says(/listening on udp:127\.0\.0\.1:(\d+)/)
  const { heard, send } = await talker(Number(port))
  const looping = randomUUID()
  const canceled = randomUUID()
  const good = Array.from({ length: 50 }, () => randomUUID())
  // Whoever stands still finds all of them at once.
  cli.kill('SIGSTOP')
  await send('INVITE', 'loop', looping)
  await send('INVITE', 'never', canceled)
  await send('INVITE', 'never', canceled)
  await send('CANCEL', 'never', canceled)
  for (const callId of good) await send('INVITE', 'bob', callId)
  cli.kill('SIGCONT')
  const expected = [`${looping} INVITE 500`, `${canceled} CANCEL 200`, `${canceled} INVITE 487`]
  for (const callId of good) expected.push(`${callId} INVITE 486`)
  await expect.poll(() => expected.filter((each) => !heard.has(each)), { timeout: 10_000 }).toEqual([])
  expect([...heard].filter((each) => / INVITE [2-6]/.test(each))).toHaveLength(52)
  cli.kill('SIGTERM')
  expect((await cli.finished).code).toBe(0)
})
