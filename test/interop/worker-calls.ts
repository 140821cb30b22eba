/** What the tests of `workers` ask: which worker a call belongs to, what each worker is doing, and who is still there. */
import { ownerOfCall } from '../../packages/core/src/message/owner.ts'
import type { Config, Signalbox } from './signalbox.ts'
import { rpc } from './registrations.ts'
import { until } from './wait.ts'

export const WORKERS = 2
export const two: Config = { workers: WORKERS }

export interface WorkerOf {
  worker: number
  pid: number | null
  restarts: number
  transactions: { server: number }
}

export interface Status {
  pid: number
  workers: WorkerOf[]
  trunks: { total: number }
}

export async function statusOf({ adminPort }: Pick<Signalbox, 'adminPort'>): Promise<Status> {
  return (await rpc(adminPort, 'core.status')) as Status
}

/** By their numbers. */
export async function workerPids(proxy: Signalbox): Promise<number[]> {
  return (await statusOf(proxy)).workers.map(({ pid }) => pid!)
}

export function ownerOf(callId: string): number {
  return ownerOfCall(callId, WORKERS)
}

/** A Call-ID that belongs to this worker, and differs for each name. */
export function callIdFor(worker: number, name: string): string {
  for (let i = 0; ; i++) if (ownerOf(`${name}-${i}`) === worker) return `${name}-${i}`
}

/** Which workers have transactions at some moment while the work goes on. */
export async function busyWorkers(proxy: Signalbox, work: Promise<unknown>): Promise<number[]> {
  const busy = new Set<number>()
  let isDone = false
  const done = work.then(() => (isDone = true))
  await until(
    'the work is done',
    async () => {
      for (const { worker, transactions } of (await statusOf(proxy)).workers)
        if (transactions.server > 0) busy.add(worker)
      return isDone
    },
    { timeout: 60_000 },
  )
  await done
  return [...busy].toSorted((a, b) => a - b)
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** One series of `/metrics`; 0 where there is none. */
export async function series(proxy: Signalbox, name: string): Promise<number> {
  const line = (await proxy.metrics()).split('\n').find((each) => each.startsWith(`${name} `))
  return Number(line?.slice(name.length) ?? 0)
}
