/**
 * Three times as many calls as the proxy can do, which has one core to itself: those that it takes are served as if there were no others, the
 * rest is told to come back later, and when it is over it is over. How many it can do is measured first, here and now.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPeers, type Peers } from './peers.ts'
import { freeUdpPort } from './ports.ts'
import type { Signalbox } from './signalbox.ts'
import type { Sipp } from './sipp.ts'

const callee = join(import.meta.dirname, '../../bench/sipp/uas')
/** What comes late is not wrong. */
const flags = ['-default_behaviors', 'all,-abortunexp']
const SECONDS = 4
/** A route that takes a millisecond of the core: few enough calls are too many for it, so that SIPp is not what is overloaded. */
const routes = (carrier: number): string => `import { onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => {
  const until = performance.now() + 1
  while (performance.now() < until);
  relay({ to: 'sip:127.0.0.1:${carrier}' })
})
`

/** The first core that we may use, and one process on it: each worker is to have a core, and counts its own queue. */
function oneCore(): string[] {
  const allowed = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))
  return ['taskset', '-c', allowed?.[1] ?? '0', 'env', 'SIGNALBOX_WORKERS=1']
}

function load(peers: Peers, proxy: Signalbox, rate: number, seconds: number): Promise<Sipp> {
  return peers.uac('uac_overload', proxy.port, { rate, calls: rate * seconds, isLoad: true, flags })
}

/** Calls per second that take all of the core: from what a call costs once the code is warm. */
async function capacity(peers: Peers, proxy: Signalbox): Promise<number> {
  const rate = 300
  await load(peers, proxy, rate, 2)
  const before = await proxy.metric('process_cpu_seconds_total')
  await load(peers, proxy, rate, 1)
  return rate / ((await proxy.metric('process_cpu_seconds_total')) - before)
}

test('RFC 3261 §21.5.4: three times too many calls: some 503 with Retry-After, the others in time, and all is well after', async () => {
  const peers = openPeers()
  const target = await freeUdpPort()
  await peers.uas(callee, target, { isLoad: true, flags })
  const proxy = await peers.signalbox(routes(target), {}, oneCore())
  const rate = Math.round(3 * (await capacity(peers, proxy)))
  const before = await proxy.metric('signalbox_turned_away_total')

  const caller = await load(peers, proxy, rate, SECONDS)
  const after = await peers.uac('uac_check', proxy.port, { calls: 1, rate: 1, isLoad: true })

  const refused = (await proxy.metric('signalbox_turned_away_total')) - before
  const times = caller.responseTimes()
  const slowest = times[Math.floor(times.length * 0.99)]!
  console.info(`${rate} calls/s: ${times.length} answered, 99 % of them within ${slowest} ms; ${refused} refused`)
  expect(caller.statistics()).toMatchObject({ successful: rate * SECONDS, failed: 0, reasons: {} })
  expect(refused).toBeGreaterThan(rate)
  expect(times.length).toBeGreaterThan(rate / 2)
  expect(slowest).toBeLessThan(1_000)
  expect(after.statistics()).toMatchObject({ successful: 1, failed: 0, retransmissions: 0 })
  expect(proxy.output).not.toMatch(/"level":"error"/)
})
