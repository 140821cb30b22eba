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

/** Every worker has had transactions at some moment. */
export async function allAreBusy(proxy: Signalbox): Promise<void> {
  const idle = new Set(Array.from({ length: WORKERS }, (_, worker) => worker))
  await until('every worker has had calls', async () => {
    for (const { worker, transactions } of (await statusOf(proxy)).workers)
      if (transactions.server > 0) idle.delete(worker)
    return idle.size === 0
  })
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
