/** `handlers.cpu` in a real process: a handler that loops while others await is the one that pays for it. Nothing of RFC 3261 is asked here. */
import { expect, test } from 'vitest'
import { startCli, type RunningCli } from './cli-process.ts'
import { statusLineOf } from './options-request.ts'
import { tempProject } from './temp-project.ts'

const OK = 'SIP/2.0 200 OK'
const FAILED = 'SIP/2.0 500 Server Internal Error'

const config = `export default {
  listen: ['udp:127.0.0.1:0'],
  admin: { listen: '127.0.0.1:0' },
  handlers: { deadline: 20_000, cpu: 60 },
  drain: { timeout: '1h' },
}
`

const routes = `import { readFile } from 'node:fs/promises'
import { onRequest, type RequestContext } from '@signalbox/dsl'

const waiting: (() => void)[] = []
const contexts: RequestContext[] = []

onRequest(async (call) => {
  const { req, reply } = call
  switch (req.ruri.user) {
    case 'slow':
      contexts.push(call)
      await new Promise<void>((resolve) => waiting.push(resolve))
      return reply(200, req.headers.get('Call-ID'))
    case 'go':
      for (const resolve of waiting.splice(0)) resolve()
      return reply(200)
    case 'loop':
      for (;;);
    case 'look': {
      // Another call's, in its own variables.
      const [{ req }] = contexts
      for (;;) if (req === undefined) return
    }
    case 'micro': {
      const [{ req }] = contexts
      await undefined
      for (;;) if (req === undefined) return
    }
    case 'file':
      await readFile('/dev/null')
      for (;;);
  }
  reply(200)
})
`

interface Proxy {
  readonly cli: RunningCli
  ask(user: string): Promise<string>
  running(): Promise<number>
}

async function started(): Promise<Proxy> {
  const dir = await tempProject({ 'signalbox.config.ts': config, 'routes/main.ts': routes })
  const cli = startCli(['start', dir], { SIGNALBOX_WORKERS: '1' })
  const [, at, admin] = await cli.says(/listening on udp:127\.0\.0\.1:(\d+); admin on ([\d.:]+)/)
  const running = async (): Promise<number> => {
    const text = await (await fetch(`http://${admin}/metrics`)).text()
    return Number(/^signalbox_running_handlers\S* (\d+)/m.exec(text)?.[1])
  }
  return { cli, ask: (user) => statusLineOf(Number(at), user), running }
}

test.each(['loop', 'look', 'micro', 'file'])(
  '%s: others that await have their answers',
  { timeout: 60_000 },
  async (user) => {
    const { cli, ask, running } = await started()
    const slow = [ask('slow'), ask('slow'), ask('slow')]
    await expect.poll(running).toBe(3)
    expect([await ask(user), await ask('good')]).toEqual([FAILED, OK])
    expect(await running()).toBe(3)
    slow.push(ask('slow'))
    await expect.poll(running).toBe(4)
    expect([await ask(user), await ask(user), await ask('good')]).toEqual([FAILED, FAILED, OK])
    expect(await ask('go')).toBe(OK)
    expect(await Promise.all(slow)).toEqual(slow.map(() => expect.stringMatching('SIP/2.0 200 z9hG4bK')))
    expect(await running()).toBe(0)
    cli.kill('SIGTERM')
    expect((await cli.finished).code).toBe(0)
  },
)

test('several whose awaits are over at once all loop: each is answered', { timeout: 60_000 }, async () => {
  const { cli, ask, running } = await started()
  const slow = ask('slow')
  await expect.poll(running).toBe(1)
  const at = Array.from({ length: 10 }, () => ask('file'))
  expect(new Set(await Promise.all(at))).toEqual(new Set([FAILED]))
  expect(await ask('go')).toBe(OK)
  expect(await slow).toMatch('SIP/2.0 200 z9hG4bK')
  cli.kill('SIGTERM')
  expect((await cli.finished).code).toBe(0)
})
