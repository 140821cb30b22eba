/** What serves calls, as the server sees it: the stack in this process (`serving.ts`), or worker processes (`workers/workers.ts`). */
import type { RpcMethod } from './admin/rpc.ts'
import type { Counter } from './counters.ts'
import type { GenerationInfo } from './runtime/generation.ts'
import type { IncomingRoutes } from './running-config.ts'

export interface Engine {
  /** `udp:127.0.0.1:5060`. */
  readonly listening: readonly string[]
  readonly isDraining: boolean
  readonly reloads: Counter
  /** Rejects with why no calls can be served; `close` is to be called then, too. */
  open(): Promise<void>
  /** From now on trunks are kept registered. Resolves when it is known which there are, or their table is late. */
  register(): Promise<void>
  /** Makes it live. Rejects when it cannot be; nothing has changed then. One at a time. */
  load(incoming: IncomingRoutes): Promise<GenerationInfo>
  rollback(): Promise<GenerationInfo>
  /** As they were when they were last asked for. */
  generations(): GenerationInfo[]
  /** As they are. */
  askGenerations(): GenerationInfo[] | Promise<GenerationInfo[]>
  /** Of trunks and contacts. */
  methods(): Iterable<readonly [string, RpcMethod]>
  /** In Prometheus' text format. */
  metrics(): Promise<string>
  /** What `core.status` says beside what is known without asking. */
  status(): object | Promise<object>
  /** Works, but not all of it. */
  isDegraded(): boolean | Promise<boolean>
  /** Takes nothing new; resolves when no transaction owes an answer, or when the time for that is over. */
  drain(): Promise<void>
  close(): Promise<void>
}
