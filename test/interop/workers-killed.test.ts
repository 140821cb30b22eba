/**
 * A worker is killed (SIGKILL) under load. Another takes its place; what was being set up on it may be lost, calls that were up end as if nothing
 * had been, and the other worker's calls notice nothing.
 */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openPeers } from './peers.ts'
import { freeUdpPort } from './ports.ts'
import { program } from './signalbox.ts'
import { header, type TracedMessage } from './sipp-trace.ts'
import { callIdFor, isAlive, ownerOf, series, statusOf, two, workerPids } from './worker-calls.ts'
import { answer } from './phone.ts'
import { until } from './wait.ts'

const bench = join(import.meta.dirname, '../../bench/sipp')
/** Its 180 may be lost, which nobody repeats (RFC 3262): what the kernel had for the worker that is killed goes with it, whosever it is. */
const patient = join(bench, 'uac')
/** Answers a BYE again that comes again, when the first answer was lost (RFC 3261 §17.2.2): for longer than T1, unlike the others. */
const carrier = join(bench, 'uas_auth')
const UP = 200
const RATE = 100
/** The load has begun, and no call that was up has ended: each of them lasts ten seconds. */
const KILL_AFTER = 2_000
/** What comes late is not wrong. */
const flags = ['-default_behaviors', 'all,-abortunexp']

/** Call-IDs of calls that were begun and did not get as far as the answer to their BYE. */
function unfinished(messages: readonly TracedMessage[]): string[] {
  const open = new Set<string>()
  for (const { text } of messages) {
    const callId = header(text, 'Call-ID')
    if (text.startsWith('INVITE ')) open.add(callId)
    if (text.startsWith('SIP/2.0 200') && header(text, 'CSeq').endsWith('BYE')) open.delete(callId)
  }
  return [...open]
}

test.each([0, 1])(
  'RFC 3261 §16.12: worker %i is killed under load: what was up ends well, the other loses nothing, and it is replaced',
  async (victim) => {
    const peers = openPeers()
    const target = await freeUdpPort()
    await peers.uas(carrier, target, { isLoad: true, flags })
    const proxy = await peers.signalbox(program('trunk-auth', target), two)
    const before = await workerPids(proxy)

    const talking = peers.uac('uac_long', proxy.port, { calls: UP, rate: RATE })
    await until('all of them are up', async () => (await series(proxy, 'signalbox_requests_total{method="ACK"}')) >= UP)
    const load = peers.uac(patient, proxy.port, { calls: 6 * RATE, rate: RATE, service: 'load', flags })
    await delay(KILL_AFTER)
    process.kill(before[victim]!, 'SIGKILL')
    await until('it is replaced', async () => {
      const { pid } = (await statusOf(proxy)).workers[victim]!
      return pid !== null && pid !== before[victim]
    })

    expect((await talking).statistics()).toMatchObject({ successful: UP, failed: 0, reasons: {} })
    const lost = unfinished((await load).messages())
    console.info(`worker ${victim} killed: ${lost.length} of ${6 * RATE} calls lost`)
    expect(lost.filter((callId) => ownerOf(callId) !== victim)).toEqual([])
    // What was being set up when it was killed, and what came while it was away.
    expect(lost.length).toBeLessThan(RATE)
    const { workers } = await statusOf(proxy)
    expect(workers.map(({ restarts }) => restarts)).toEqual([0, 1].map((worker) => Number(worker === victim)))
    expect(workers[1 - victim]!.pid).toBe(before[1 - victim])
    expect(await proxy.readiness()).toBe(200)
    expect(await proxy.health()).toBe('ok')
    expect(await proxy.metric('signalbox_worker_restarts_total')).toBe(1)
    expect(proxy.output).toContain(`worker ${victim} (${before[victim]}) has ended by SIGKILL`)
  },
  120_000,
)

test('a count never goes back when a worker ends', async () => {
  const peers = openPeers()
  const target = await freeUdpPort()
  await peers.uas('uas_check', target)
  const proxy = await peers.signalbox(program('trunk-auth', target), two)
  await peers.uac('uac_check', proxy.port, { calls: 60, rate: 60 })
  const counted = await proxy.metric('signalbox_requests_total')
  const [, pid] = await workerPids(proxy)
  process.kill(pid!, 'SIGKILL')
  await until('it is replaced', async () => (await proxy.metric('signalbox_worker_restarts_total')) === 1)
  expect(await proxy.metric('signalbox_requests_total')).toBe(counted)
})

const registrar = `import { onRequest } from '@signalbox/dsl'

onRequest(async ({ req, registrar, relay, reply }) => {
  if (req.method === 'REGISTER') return registrar.save()
  if (await registrar.lookup()) return relay()
  reply(404)
})
`

test('RFC 3261 §16.5: contacts outlive both workers, one after the other, without a database', async () => {
  const peers = openPeers()
  const [caller, bob] = [await peers.phone(), await peers.phone()]
  const proxy = await peers.signalbox(registrar, { ...two, database: 'sqlite::memory:' })
  const register = bob.request('REGISTER', 'register', proxy.port)
  await bob.send(register.replace(/^To: .*$/m, 'To: <sip:bob@127.0.0.1>'), proxy.port)
  await bob.receive('200')
  for (const victim of [0, 1]) {
    const before = await workerPids(proxy)
    process.kill(before[victim]!, 'SIGKILL')
    await until(
      'it is replaced',
      async () => (await statusOf(proxy)).workers[victim]!.restarts === 1 && (await proxy.health()) === 'ok',
    )
    for (const owner of [0, 1]) {
      const invite = caller.request('INVITE', callIdFor(owner, `after-${victim}`), proxy.port)
      await caller.send(invite.replace('sip:service@', 'sip:bob@'), proxy.port)
      const arrived = await bob.receive('INVITE')
      await bob.send(answer(arrived, '486 Busy Here'), proxy.port)
      await caller.receive('486')
    }
  }
  expect(await proxy.metric('signalbox_location_contacts')).toBe(1)
})

test('the primary is killed: no worker outlives it, and the port is free', async () => {
  const peers = openPeers()
  const proxy = await peers.signalbox(program('trunk-auth', 5090), two)
  const pids = await workerPids(proxy)
  expect(pids.every(isAlive)).toBe(true)
  // Alone: its group would take the workers with it.
  process.kill(proxy.pid, 'SIGKILL')
  await until('the workers are gone', () => pids.every((pid) => !isAlive(pid)))
  const anew = peers.launch(program('trunk-auth', 5090), proxy, two)
  await anew.ready(async () => (await anew.readiness()) === 200)
})
