import { Counter as PrometheusCounter, Gauge, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { Counter } from '../counters.ts'
import type { GenerationInfo } from '../runtime/generation.ts'
import { mergeGenerations, mergeStatuses, workerInfo, type Metric, type WorkerStatus } from './merge.ts'
import type { Slot } from './slot.ts'
import { Sums } from './sums.ts'

const since = '2026-01-01T00:00:00.000Z'
const generation: GenerationInfo = { number: 1, hash: 'a', state: 'live', since, transactions: 0, dialogs: 0 }

function status(changed: Partial<WorkerStatus>): WorkerStatus {
  const transactions = { server: 1, client: 2, unanswered: 3 }
  const location = { aors: 4, contacts: 5 }
  const self = { pid: 1, uptime: 9, degraded: false, memory: 10 }
  return { draining: false, generation, transactions, location, ...self, ...changed }
}

test('transactions and memory are added up, contacts are not: every worker has all of them', () => {
  const trunks = { total: 7, problem: '' } as WorkerStatus['trunks'] & object
  expect(mergeStatuses([status({ trunks }), status({})], 100)).toEqual({
    transactions: { server: 2, client: 4, unanswered: 6 },
    location: { aors: 4, contacts: 5 },
    trunks,
    memory: 120,
  })
})

test('a worker that is away is named, and adds nothing', () => {
  const none = { server: 0, client: 0, unanswered: 0 }
  expect(workerInfo(1, 3, undefined)).toEqual({
    worker: 1,
    pid: null,
    uptime: 0,
    restarts: 3,
    transactions: none,
    memory: 0,
  })
  expect(mergeStatuses([], 100)).toEqual({ transactions: none, memory: 100 })
})

test('a generation is disposed when it is so everywhere, and begins with the first', () => {
  const later = '2026-01-01T00:00:01.000Z'
  const ended = 'superseded' as const
  const one = [
    { ...generation, number: 2, since: later, transactions: 2, dialogs: 1 },
    { ...generation, state: 'draining' as const, transactions: 4, ended },
  ]
  const other = [
    { ...generation, number: 2, transactions: 3 },
    { ...generation, state: 'disposed' as const, since: later, ended },
  ]
  expect(mergeGenerations([one, other])).toEqual([
    { ...generation, number: 2, transactions: 5, dialogs: 1 },
    { ...generation, state: 'draining', transactions: 4, ended },
  ])
  expect(mergeGenerations([])).toEqual([])
})

/** What a worker says that has counted so many calls. */
async function said(calls: number, up = 1): Promise<Metric[]> {
  const registry = new Registry()
  const registers = [registry]
  new PrometheusCounter({ name: 'calls_total', help: 'h', labelNames: ['kind'], registers }).inc({ kind: 'a' }, calls)
  new Gauge({ name: 'transactions', help: 'h', registers }).set(calls)
  new Gauge({ name: 'live_generation', help: 'h', aggregator: 'max', registers }).set(7)
  new Gauge({ name: 'database_up', help: 'h', aggregator: 'min', registers }).set(up)
  return JSON.parse(JSON.stringify(await registry.getMetricsAsJSON())) as Metric[]
}

function sums(): Sums {
  return new Sums(
    [{ worker: 0, restarts: 2, isUp: true } as Slot, { worker: 1, restarts: 0, isUp: false } as Slot],
    new Counter(),
  )
}

function totalOf(all: Sums, answers: ReadonlyMap<number, Metric[]>): Promise<string> {
  for (const [worker, metrics] of answers) all.heard(worker, metrics)
  return all.total()
}

test('metrics are added up, each in its way, with what the primary counts', async () => {
  const text = await totalOf(
    sums(),
    new Map([
      [0, await said(10)],
      [1, await said(20, 0)],
    ]),
  )
  expect(text).toContain('calls_total{kind="a"} 30\n')
  expect(text).toContain('transactions 30\n')
  expect(text).toContain('live_generation 7\n')
  expect(text).toContain('database_up 0\n')
  expect(text).toContain('signalbox_worker_restarts_total{worker="0"} 2\n')
  expect(text).toContain('signalbox_workers{state="away"} 1\n')
  expect(text).toContain('process_cpu_seconds_total ')
})

test('what a worker had counted stays when it ends, and again when its replacement does; what it had at the moment does not', async () => {
  const all = sums()
  await totalOf(all, new Map([[1, await said(5)]]))
  for (const [calls, total] of [
    [10, 15],
    [4, 19],
    [1, 20],
  ] as const) {
    const text = await totalOf(all, new Map([[0, await said(calls)]]))
    expect(text).toContain(`calls_total{kind="a"} ${total}\n`)
    expect(text).toContain(`transactions ${5 + calls}\n`)
    all.ended(0)
  }
  expect(await totalOf(all, new Map())).toContain('calls_total{kind="a"} 20\n')
})

test('a worker that is too busy to answer has not counted less than before', async () => {
  const all = sums()
  await totalOf(all, new Map([[0, await said(5)]]))
  expect(await totalOf(all, new Map())).toContain('calls_total{kind="a"} 5\n')
})

test('a worker that ends while others have yet to answer is counted once', async () => {
  const all = sums()
  all.heard(0, await said(5))
  all.ended(0)
  expect(await totalOf(all, new Map([[1, await said(1)]]))).toContain('calls_total{kind="a"} 6\n')
  expect(await totalOf(all, new Map([[0, await said(0)]]))).toContain('calls_total{kind="a"} 6\n')
})
