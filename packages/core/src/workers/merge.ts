/** What the workers say of themselves, as one proxy says it: added up where that makes sense. */
import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, type Registry } from 'prom-client'
import type { GenerationInfo, GenerationState } from '../runtime/generation.ts'
import type { Serving } from '../serving.ts'

/** As prom-client hands it out. */
export type Metric = MetricObjectWithValues<MetricValue<string>>

/** What one worker answers. */
export interface WorkerStatus extends ReturnType<Serving['status']> {
  readonly pid: number
  /** Seconds. */
  readonly uptime: number
  readonly degraded: boolean
}

/** One of `workers` in `core.status`. */
export interface WorkerInfo {
  readonly worker: number
  /** Null while it is being replaced. */
  readonly pid: number | null
  /** Seconds. */
  readonly uptime: number
  readonly restarts: number
  readonly transactions: WorkerStatus['transactions']
  readonly memory: number
}

const NO_TRANSACTIONS = { server: 0, client: 0, unanswered: 0 }

/** `undefined`: it is away, or does not answer. */
export function workerInfo(worker: number, restarts: number, status: WorkerStatus | undefined): WorkerInfo {
  const { pid = null, uptime = 0, transactions = NO_TRANSACTIONS, memory = 0 } = status ?? {}
  return { worker, pid, uptime, restarts, transactions, memory }
}

/** The fields that a single process has. `own` is the memory of the primary. */
export function mergeStatuses(statuses: readonly WorkerStatus[], own: number): Partial<ReturnType<Serving['status']>> {
  const sum = (valueOf: (status: WorkerStatus) => number): number =>
    statuses.reduce((total, status) => total + valueOf(status), 0)
  const [first] = statuses
  const trunks = statuses.find((status) => status.trunks !== undefined)?.trunks
  return {
    transactions: {
      server: sum(({ transactions }) => transactions.server),
      client: sum(({ transactions }) => transactions.client),
      unanswered: sum(({ transactions }) => transactions.unanswered),
    },
    // All have the same.
    ...(first && { location: first.location }),
    ...(trunks && { trunks }),
    memory: sum(({ memory }) => memory) + own,
  }
}

/** Newest first. */
export function mergeGenerations(lists: readonly (readonly GenerationInfo[])[]): GenerationInfo[] {
  const merged = new Map<number, GenerationInfo>()
  for (const info of lists.flat()) {
    const there = merged.get(info.number)
    merged.set(info.number, there === undefined ? info : mergeGeneration(there, info))
  }
  return [...merged.values()].sort((a, b) => b.number - a.number)
}

const states: readonly GenerationState[] = ['live', 'draining', 'disposed']

function mergeGeneration(a: GenerationInfo, b: GenerationInfo): GenerationInfo {
  return {
    ...a,
    ...b,
    // Disposed only where it is so everywhere.
    state: states.find((state) => state === a.state || state === b.state)!,
    since: a.since < b.since ? a.since : b.since,
    transactions: a.transactions + b.transactions,
    dialogs: a.dialogs + b.dialogs,
  }
}

/** By each metric's `aggregator`. */
export function mergeMetrics(registries: readonly (readonly Metric[])[]): Registry {
  return AggregatorRegistry.aggregate([...registries])
}

/** What a worker counted, for when it is gone: a count that went back would be taken for a restart of the whole, and counted once more. */
export function countsOf(metrics: readonly Metric[]): Metric[] {
  return metrics.filter(({ type }) => monotonic.has(String(type)))
}

const monotonic = new Set(['counter', 'histogram'])
