/**
 * Calls through the proxy over lines that lose a tenth of everything in both directions, double some and let some be overtaken: each ends as
 * the RFC says, and nothing of it stays behind. Every phone is SIPp in a network namespace; T1 is a fifth of the RFC's, so that all is quick.
 */
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest'
import { join } from 'node:path'
import { Peers } from '../interop/peers.ts'
import { freeUdpPort } from '../interop/ports.ts'
import type { Signalbox } from '../interop/signalbox.ts'
import { finish, type SippStatistics } from '../interop/sipp.ts'
import { cseq, firstLine, header } from '../interop/sipp-trace.ts'
import { until } from '../interop/wait.ts'
import { Line } from './line.ts'
import { Site } from './site.ts'

const T1 = 100
const CALLS = 25
const RATE = 12
/** RFC 3261 §17.1.1.2: timer D is at least this, whatever T1 is. */
const TIMER_D = 32_000

const quality = { loss: 10, duplicate: 5, late: 10 }
/** SIPp's share of RFC 3261's timers: T2 is eight times T1, and nobody gives up before 64 × T1. */
const timers = ['-T2', String(8 * T1), '-max_invite_retrans', '6', '-max_non_invite_retrans', '10']
/** What comes twice or late is not wrong. */
const patience = ['-default_behaviors', 'all,-abortunexp', '-deadcall_wait', '0']

/** Who is called → the pair of scenarios. */
const scenarios: Record<string, string> = {
  basic: 'basic',
  early: 'early',
  prack: 'prack',
  cancel: 'cancel',
  busy: 'busy',
  reinvite: 'reinvite',
  late_offer: 'late_offer',
  lost200: 'basic',
}

const peers = new Peers()
const results = new Map<string, { uac: SippStatistics; uas: SippStatistics }>()
const upstream = new Line(quality, 1, isLost200)
const downstream = new Line(quality, 2)
const sites: Site[] = []
let proxy: Signalbox

beforeAll(placeCalls, 90_000)

afterAll(async () => {
  await Promise.all(sites.map((site) => site.close()))
  await peers.close()
})

/** Every call of this pair went well on both sides. */
function expectAllWell(name: string): void {
  onTestFailed(() => console.error(peers.describe()))
  const { uac, uas } = results.get(name)!
  const all = { successful: CALLS, failed: 0, reasons: {} }
  expect({ uac, uas }).toMatchObject({ uac: all, uas: all })
}

test('RFC 3261 §17: over a bad line, calls are answered and end', () => expectAllWell('basic'))

test('RFC 3261 §13.3.1.1: over a bad line, early media: a 183 with SDP', () => expectAllWell('early'))

test('RFC 3262 §3: over a bad line, a reliable 183 is repeated until its PRACK', () => expectAllWell('prack'))

test('RFC 3261 §9.1: over a bad line, CANCEL, its 200, the 487 and its ACK', () => expectAllWell('cancel'))

test('RFC 3261 §17.2.1: over a bad line, a 486 is repeated until its ACK', () => expectAllWell('busy'))

test('RFC 3261 §14: over a bad line, a re-INVITE along the Record-Route', () => expectAllWell('reinvite'))

test('RFC 3261 §13.2.1: over a bad line, the offer in the 200 and the answer in the ACK', () =>
  expectAllWell('late_offer'))

test('RFC 3261 §13.3.1.4: a 200 whose first two copies are lost comes with the third', () => expectAllWell('lost200'))

test('the lines were as bad as they should be', () => {
  for (const { counts } of [upstream, downstream]) {
    const { lost, carried, doubled, late } = counts
    expect(lost / (lost + carried)).toBeGreaterThan(0.07)
    expect(Math.min(doubled, late)).toBeGreaterThan(50)
  }
  expect(upstream.counts.aimed).toBe(2 * CALLS)
})

test(
  'RFC 3261 §17: after 64 × T1, and timer D, no transaction and no timer is left',
  async () => {
    const left = async (): Promise<string[]> =>
      (await proxy.metrics())
        .split('\n')
        .filter((line) => /^signalbox_(transactions\{|timers\{kind="core").* [^0]/.test(line))
    await until('all transactions have ended', async () => (await left()).length === 0, { timeout: TIMER_D + 64 * T1 })
    expect(await proxy.metrics()).not.toMatch(/internal_error|route_errors_total\{/)
  },
  TIMER_D + 64 * T1 + 5_000,
)

/** All pairs at once, each through the one proxy. */
async function placeCalls(): Promise<void> {
  const names = Object.keys(scenarios)
  const ports = new Map<string, number>()
  for (const name of names) ports.set(name, await freeUdpPort())
  proxy = await peers.signalbox(routes(ports), { timers: { t1: T1 } })
  sites.push(await Site.open({ proxy: proxy.port, line: upstream }))
  sites.push(await Site.open({ proxy: proxy.port, line: downstream }))
  await Promise.all(names.map((name) => placeCallsTo(name, ports.get(name)!)))
}

async function placeCallsTo(name: string, port: number): Promise<void> {
  const [callers, callees] = sites as [Site, Site]
  const flags = [...timers, ...patience]
  const file = (side: string): string => join(import.meta.dirname, 'sipp', `${side}_${scenarios[name]}`)
  const uas = await peers.uas(file('uas'), port, { within: callees.within, flags })
  await callees.connect(port)
  const own = await freeUdpPort()
  await callers.connect(own)
  const load = { calls: CALLS, rate: RATE, service: name, port: own, within: callers.within, flags }
  const uac = await peers.uac(file('uac'), proxy.port, load)
  results.set(name, { uac: uac.statistics(), uas: await finish(uas, 2 * 64 * T1) })
}

function routes(ports: ReadonlyMap<string, number>): string {
  return `import { onRequest } from '@signalbox/dsl'

const phones: Record<string, number> = ${JSON.stringify(Object.fromEntries(ports))}

onRequest(({ req, relay, reply }) => {
  const port = phones[req.ruri.user]
  if (port === undefined) reply(404)
  else relay({ to: \`sip:127.0.0.1:\${port}\` })
})
`
}

/** Call-ID → how many copies of its 200 were lost on purpose. */
const lost200s = new Map<string, number>()

function isLost200(text: string): boolean {
  if (!firstLine(text).startsWith('SIP/2.0 200') || !cseq(text).startsWith('INVITE')) return false
  if (!header(text, 'To').includes('lost200@')) return false
  const lost = lost200s.get(header(text, 'Call-ID')) ?? 0
  lost200s.set(header(text, 'Call-ID'), lost + 1)
  return lost < 2
}
