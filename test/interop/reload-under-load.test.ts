/**
 * Routes that are edited and reloaded ten times a second under as many calls as the proxy can take: each call is challenged, and its request,
 * failure and reply route must be of one generation. SIPp, as the caller, compares what they wrote; a call that was mixed, lost
 * or refused fails.
 */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openPeers, type Peers } from './peers.ts'
import { freeUdpPort } from './ports.ts'
import { rpc } from './registrations.ts'
import type { Signalbox } from './signalbox.ts'
import type { Sipp } from './sipp.ts'
import { stampedRoutes } from './stamped-routes.ts'

const bench = join(import.meta.dirname, '../../bench/sipp')
const CALLS = 10_000
/** So many that V8 has compiled what is hot before memory is measured. */
const WARM_UP = 5_000
const RELOAD_EVERY = 100
/** Of what one core can do, to begin with: what is left is for the builds, and both SIPps run on this machine, too. */
const SHARE = 0.6
/** A rate that is not clean is followed by one that is so much lower, and one that is clean for a while by one that is for long. */
const STEP = 0.7
/** Short, so that transactions which only wait for strays are gone soon. */
const T1 = 100
/** A heap with little slack, so that what memory there is has been needed; and room for the calls under way at a rate that turns out to be too high. */
const tight = ['env', 'NODE_OPTIONS=--max-old-space-size=128 --max-semi-space-size=4']
/** What comes late is not wrong. */
const flags = ['-default_behaviors', 'all,-abortunexp']

interface Line {
  peers: Peers
  proxy: Signalbox
  target: number
  /** How often the routes were reloaded. */
  reloads: number
}

function calls({ peers, proxy }: Line, count: number, rate: number): Promise<Sipp> {
  return peers.uac('uac_generations', proxy.port, { calls: count, rate, isLoad: true, flags })
}

/** Saves and reloads until the work is done. */
async function reloading(line: Line, work: () => Promise<Sipp>): Promise<Sipp> {
  let isDone = false
  const working = work().finally(() => (isDone = true))
  while (!isDone) {
    const next = delay(RELOAD_EVERY)
    line.proxy.save(stampedRoutes(line.target, line.reloads + 2))
    await rpc(line.proxy.adminPort, 'routes.reload')
    line.reloads++
    await next
  }
  return working
}

/** Calls per second that take `SHARE` of a core, from what one costs once the code is warm. */
async function firstRate(line: Line): Promise<number> {
  await calls(line, 1_000, 250)
  const before = await line.proxy.metric('process_cpu_seconds_total')
  await calls(line, 500, 250)
  const each = ((await line.proxy.metric('process_cpu_seconds_total')) - before) / 500
  return Math.round(SHARE / each)
}

/** The highest rate, of those tried, at which every call gets through while routes are reloaded. */
async function cleanRate(line: Line): Promise<number> {
  for (let rate = await firstRate(line); rate > 1; rate = Math.round(rate * STEP)) {
    const caller = await reloading(line, () => calls(line, WARM_UP, rate))
    if (caller.statistics().failed === 0) return Math.round(rate * STEP)
  }
  throw new Error('no rate is clean')
}

/** Resident megabytes, once nothing is left of the calls. */
async function memory({ proxy }: Line): Promise<number> {
  await delay(64 * T1 + 500)
  return (await proxy.metric('process_resident_memory_bytes')) / 2 ** 20
}

test('RFC 3261 §16.7: ten reloads a second during 10,000 challenged calls: none lost, none by two generations, memory flat', async () => {
  const peers = openPeers()
  const target = await freeUdpPort()
  await peers.uas(join(bench, 'uas_auth'), target, { isLoad: true, flags })
  const proxy = await peers.signalbox(stampedRoutes(target, 1), { timers: { t1: T1 } }, tight)
  const line = { peers, proxy, target, reloads: 0 }
  const rate = await cleanRate(line)
  const before = await memory(line)
  const first = line.reloads
  const caller = await reloading(line, () => calls(line, CALLS, rate))
  const after = await memory(line)

  const times = `${rate}/s, ${line.reloads - first} reloads`
  console.info(`${CALLS} calls at ${times}: ${before.toFixed(0)} MB before, ${after.toFixed(0)} after`)
  expect(caller.statistics()).toMatchObject({ successful: CALLS, failed: 0, reasons: {} })
  expect(await proxy.metric('signalbox_reloads_total')).toBe(line.reloads)
  expect(line.reloads - first).toBeGreaterThan(20)
  const generations = (await rpc(proxy.adminPort, 'routes.generations')) as { state: string }[]
  expect(generations.filter(({ state }) => state !== 'disposed')).toMatchObject([{ state: 'live', transactions: 0 }])
  expect(after / before).toBeLessThan(1.1)
}, 240_000)
