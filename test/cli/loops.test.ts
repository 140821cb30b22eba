/** `handlers.cpu` in a real process: a loop of the user's code is ended in place, and costs its own call only. Nothing of RFC 3261 is asked here. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { startCli, workers, type RunningCli } from './cli-process.ts'
import { statusLineOf } from './options-request.ts'
import { tempProject } from './temp-project.ts'

const OK = 'SIP/2.0 200 OK'
const FAILED = 'SIP/2.0 500 Server Internal Error'

const config = `export default {
  listen: ['udp:127.0.0.1:0'],
  admin: { listen: '127.0.0.1:0' },
  handlers: { deadline: 1_000, cpu: 60 },
}
`

const routes = `import { readFile } from 'node:fs/promises'
import { onFailure, onLoad, onRequest } from '@signalbox/dsl'

let turns = 0
function spin(): never {
  for (;;) turns++
}

onLoad(() => {
  setTimeout(spin, 1)
  setInterval(() => turns++, 5)
})

const ways: Record<string, () => unknown> = {
  loop: spin,
  never: () => new Promise(() => {}),
  throw: () => {
    throw new Error('no')
  },
  micro: async () => {
    await undefined
    spin()
  },
  file: async () => {
    await readFile('/dev/null')
    spin()
  },
}

onRequest(async (call) => {
  const { req, reply, relay, log, uac } = call
  const way = ways[req.ruri.user]
  if (way !== undefined) return void (await way())
  if (req.ruri.user === 'log') for (;;) log.debug('again')
  if (req.ruri.user === 'try')
    for (;;)
      try {
        log.debug('again')
      } finally {
        turns++
      }
  if (req.ruri.user === 'sleep') {
    await new Promise((resolve) => setTimeout(resolve, 5))
    spin()
  }
  if (req.ruri.user === 'send') {
    await uac.send({ method: 'MESSAGE', ruri: 'sip:x@127.0.0.1:9', timeout: 50 })
    spin()
  }
  if (req.ruri.user === 'failing') return relay({ to: 'sip:nobody.invalid', onFailure: 'SPINS' })
  if (req.ruri.user === 'timer') setTimeout(spin, 1)
  if (req.ruri.user === 'immediate') setImmediate(spin)
  if (req.ruri.user === 'tick') process.nextTick(spin)
  reply(200)
})

onFailure('SPINS', () => spin())
`

interface Proxy {
  readonly cli: RunningCli
  readonly dir: string
  readonly port: number
  readonly admin: string
  ask(user: string): Promise<string>
}

async function started(): Promise<Proxy> {
  const dir = await tempProject({ 'signalbox.config.ts': config, 'routes/main.ts': routes })
  const cli = startCli(['start', dir])
  const [, at, admin] = await cli.says(/listening on udp:127\.0\.0\.1:(\d+); admin on ([\d.:]+)/)
  const port = Number(at)
  return { cli, dir, port, admin: admin!, ask: (user) => statusLineOf(port, user) }
}

async function metric(admin: string, name: string): Promise<number> {
  const text = await (await fetch(`http://${admin}/metrics`)).text()
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(name))
      ?.split(' ')
      .at(-1) ?? 0,
  )
}

test('three bad routes, others unharmed, and a reload and a stop afterwards', { timeout: 60_000 }, async () => {
  const { cli, dir, admin, ask } = await started()
  // The timer of onLoad.
  await cli.says(/a timer of the routes ran longer than handlers\.cpu allows, at routes\/main\.ts:6:3: ended/)
  const bad = ['loop', 'never', 'throw'].map((user) => ask(user))
  const good = Array.from({ length: 100 }, (_, i) => ask(`good-${i}`))
  expect(new Set(await Promise.all(good))).toEqual(new Set([OK]))
  expect(await Promise.all(bad)).toEqual([FAILED, FAILED, FAILED])
  await cli.says(
    /routes\/main\.ts:\d+:1 onRequest ran longer than handlers\.cpu allows, at routes\/main\.ts:6:3: given up/,
  )
  // The timer of each onLoad, and the route.
  expect(await metric(admin, 'signalbox_route_errors_total{kind="cpu"}')).toBe(workers + 1)
  expect(await metric(admin, 'signalbox_route_errors_total{kind="deadline"}')).toBe(1)
  expect(await metric(admin, 'signalbox_running_handlers')).toBe(0)

  await writeFile(path.join(dir, 'routes/main.ts'), routes.replace('reply(200)', `reply(403, 'Second')`))
  cli.kill('SIGHUP')
  await cli.says(/live: generation 2/)
  expect([await ask('good'), await ask('loop')]).toEqual(['SIP/2.0 403 Second', FAILED])

  cli.kill('SIGTERM')
  expect((await cli.finished).code).toBe(0)
})

const places = ['loop', 'micro', 'file', 'log', 'try', 'sleep', 'send']

test('wherever it loops, its own call is answered 500, and the next one as ever', { timeout: 60_000 }, async () => {
  const { ask, admin } = await started()
  for (const user of places) expect([user, await ask(user), await ask('good')]).toEqual([user, FAILED, OK])
  expect(await metric(admin, 'signalbox_running_handlers')).toBe(0)
})

test('in onFailure: the received answer goes upstream', { timeout: 60_000 }, async () => {
  const { ask, cli } = await started()
  expect(await ask('failing')).toBe('SIP/2.0 500 Next Hop Unreachable')
  await cli.says(/onFailure 'SPINS' ran longer than handlers\.cpu allows, at routes\/main\.ts:6:3: given up/)
  expect(await ask('good')).toBe(OK)
})

test('what a handler leaves behind loops: timers, immediates, ticks', { timeout: 60_000 }, async () => {
  const { ask, admin } = await started()
  for (const user of ['timer', 'immediate', 'tick'])
    expect([user, await ask(user), await ask('good')]).toEqual([user, OK, OK])
  await expect
    .poll(() => metric(admin, 'signalbox_route_errors_total{kind="cpu"}'), { timeout: 20_000 })
    .toBe(workers + 3)
  expect(await ask('good')).toBe(OK)
})

test('many in a row, and at once', { timeout: 120_000 }, async () => {
  const { ask, cli } = await started()
  for (let i = 0; i < 10; i++) expect(await ask('loop')).toBe(FAILED)
  const at = Array.from({ length: 20 }, (_, i) => ask(i % 2 === 0 ? 'loop' : 'micro'))
  expect(new Set(await Promise.all(at))).toEqual(new Set([FAILED]))
  expect(await ask('good')).toBe(OK)
  cli.kill('SIGTERM')
  expect((await cli.finished).code).toBe(0)
})
