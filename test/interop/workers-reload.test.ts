/** Generations with `workers: 2`: all workers take one or none does, whatever happens meanwhile, and no call is lost or mixed by it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openPeers, type Peers } from './peers.ts'
import type { Phone } from './phone.ts'
import { freeUdpPort } from './ports.ts'
import { rpc } from './registrations.ts'
import type { Signalbox } from './signalbox.ts'
import { firstLine } from './sipp-trace.ts'
import type { Sipp } from './sipp.ts'
import { stampedRoutes } from './stamped-routes.ts'
import { callIdFor, isAlive, statusOf, two, workerPids } from './worker-calls.ts'
import { until } from './wait.ts'

const bench = join(import.meta.dirname, '../../bench/sipp')
const RELOADS = 50
const RATE = 60
const BATCH = 3 * RATE
/** What comes late is not wrong. */
const flags = ['-default_behaviors', 'all,-abortunexp']

test('RFC 3261 §16.7: fifty reloads and rollbacks during calls from two ports: none is lost, none by two generations', async () => {
  const peers = openPeers()
  const target = await freeUdpPort()
  await peers.uas(join(bench, 'uas_auth'), target, { isLoad: true, flags })
  const proxy = await peers.signalbox(stampedRoutes(target, 1), two)
  let isDone = false
  const calling = async (): Promise<Sipp[]> => {
    const callers: Sipp[] = []
    while (!isDone)
      callers.push(await peers.uac('uac_generations', proxy.port, { calls: BATCH, rate: RATE, isLoad: true, flags }))
    return callers
  }
  const callers = Promise.all([calling(), calling()])
  for (let reloads = 1; reloads <= RELOADS; reloads++) {
    const next = delay(150)
    if (reloads % 10 === 0) await rpc(proxy.adminPort, 'routes.rollback')
    else {
      proxy.save(stampedRoutes(target, reloads + 1))
      await rpc(proxy.adminPort, 'routes.reload')
    }
    await next
  }
  isDone = true
  for (const caller of (await callers).flat())
    expect(caller.statistics()).toMatchObject({ successful: BATCH, failed: 0, reasons: {} })
  expect(await proxy.metric('signalbox_reloads_total')).toBe(RELOADS)
  expect(await proxy.metric('signalbox_live_generation')).toBe(RELOADS + 1)
  const generations = (await rpc(proxy.adminPort, 'routes.generations')) as { state: string; number: number }[]
  expect(generations.filter(({ state }) => state === 'live')).toMatchObject([{ number: RELOADS + 1 }])
}, 120_000)

/** Answers with this reason; `more` is put before it. */
const says = (reason: string, more = ''): string => `import { onDispose, onLoad, onRequest } from '@signalbox/dsl'
import { existsSync, writeFileSync } from 'node:fs'
${more}
onRequest(({ reply }) => reply(403, '${reason}'))
void [onDispose, onLoad, existsSync, writeFileSync]
`

/** What each worker answers. */
async function answers(phone: Phone, proxy: Signalbox): Promise<string[]> {
  const said: string[] = []
  for (const worker of [0, 1]) {
    asked++
    await phone.send(phone.request('OPTIONS', callIdFor(worker, `ask-${asked}`), proxy.port), proxy.port)
    said.push(firstLine(await phone.receive('403')).slice('SIP/2.0 403 '.length))
  }
  return said
}
let asked = 0

async function serving(peers: Peers): Promise<{ phone: Phone; proxy: Signalbox; folder: string }> {
  const phone = await peers.phone()
  const proxy = await peers.signalbox(says('One'), two)
  expect(await answers(phone, proxy)).toEqual(['One', 'One'])
  return { phone, proxy, folder: peers.folder('marks') }
}

/** The first worker that loads it takes the lock, the other one throws. */
const oneRefuses = (folder: string): string => `
onLoad(({ data }) => {
  writeFileSync('${folder}/lock', '', { flag: 'wx' })
  data.isMine = true
})
onDispose(({ data, next }) => {
  if (data.isMine) writeFileSync('${folder}/disposed', String(next))
})
`

test('an onLoad that throws in one worker only: no worker takes it, the other disposes of what it had, the next one is taken', async () => {
  const peers = openPeers()
  const { phone, proxy, folder } = await serving(peers)
  proxy.save(says('Two', oneRefuses(folder)))
  await expect(rpc(proxy.adminPort, 'routes.reload')).rejects.toThrow(/onLoad threw Error: EEXIST/)
  expect(await answers(phone, proxy)).toEqual(['One', 'One'])
  await until('what was staged is disposed of', () => existsSync(join(folder, 'disposed')))
  expect(readFileSync(join(folder, 'disposed'), 'utf8')).toBe('undefined')
  expect(await rpc(proxy.adminPort, 'routes.generations')).toMatchObject([{ number: 1, state: 'live' }])
  await until('it stands in the log', () => /reload refused: routes\/main\.ts:\d+:\d+: onLoad threw/.test(proxy.output))

  proxy.save(says('Three'))
  proxy.signal('SIGHUP')
  await until('the next is live', () => proxy.output.includes('live: generation 2'))
  expect(await answers(phone, proxy)).toEqual(['Three', 'Three'])
  expect(await rpc(proxy.adminPort, 'routes.rollback')).toMatchObject({ number: 3 })
  expect(await answers(phone, proxy)).toEqual(['One', 'One'])
  expect(await rpc(proxy.adminPort, 'routes.rollback')).toMatchObject({ number: 4 })
  expect(await answers(phone, proxy)).toEqual(['Three', 'Three'])
})

test('a worker that ends while it loads: no worker takes the routes, and its replacement serves what is live', async () => {
  const peers = openPeers()
  const { phone, proxy, folder } = await serving(peers)
  const waits = `onLoad(() => {
  writeFileSync('${folder}/' + process.pid, '')
  return new Promise(() => undefined)
})`
  proxy.save(says('Two', waits))
  const reload = rpc(proxy.adminPort, 'routes.reload')
  reload.catch(() => undefined)
  const [, victim] = await workerPids(proxy)
  await until('it loads', () => existsSync(join(folder, String(victim))))
  process.kill(victim!, 'SIGKILL')
  await expect(reload).rejects.toThrow(/worker 1 could not load the routes, and so none has: it has ended by SIGKILL/)
  await until('it is replaced', async () => (await proxy.health()) === 'ok')
  expect(await answers(phone, proxy)).toEqual(['One', 'One'])
})

test('a worker that is started after a reload serves what is live, under its number, and takes the next reload', async () => {
  const peers = openPeers()
  const { phone, proxy } = await serving(peers)
  proxy.save(says('Two'))
  await rpc(proxy.adminPort, 'routes.reload')
  proxy.save(says('Not reloaded'))
  const [victim] = await workerPids(proxy)
  process.kill(victim!, 'SIGKILL')
  await until('it is gone', () => !isAlive(victim!))
  await until('it is replaced', async () => (await proxy.health()) === 'ok')
  expect(await answers(phone, proxy)).toEqual(['Two', 'Two'])
  proxy.save(says('Three'))
  expect(await rpc(proxy.adminPort, 'routes.reload')).toMatchObject({ number: 3, state: 'live' })
  expect(await answers(phone, proxy)).toEqual(['Three', 'Three'])
  expect((await rpc(proxy.adminPort, 'routes.rollback')) as object).toMatchObject({ number: 4 })
  expect(await answers(phone, proxy)).toEqual(['Two', 'Two'])
  expect((await statusOf(proxy)).workers.map(({ restarts }) => restarts)).toEqual([1, 0])
})
