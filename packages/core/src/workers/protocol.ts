/** What the primary and a worker say to each other, as JSON over the channel of `child_process.fork`. */
import type { ResolvedConfig } from '../config/config.ts'
import type { ArmedName } from '../runtime/armed-names.ts'
import type { GenerationEnd, GenerationInfo } from '../runtime/generation.ts'
import type { Incoming } from '../runtime/settings.ts'
import type { Metric, WorkerStatus } from './merge.ts'
import type { Entry, Topic } from './shared-map.ts'

/** What a worker is from its start to its end. */
export interface WorkerOrder {
  readonly worker: number
  readonly workers: number
  /** With the ports that were found free. */
  readonly config: ResolvedConfig
  readonly routes: NumberedRoutes
  /** Hexadecimal: what seals From and To where no password is set. */
  readonly key?: string
}

/** What the primary asks: name, what goes with it, what is answered. */
export interface Questions {
  /** Opens its hand-over socket, and answers with the port. */
  open: { with: WorkerOrder; answer: number }
  /** Opens the listen sockets, and answers with where they are. From now on the kernel gives it datagrams. */
  bind: { with: null; answer: readonly string[] }
  /** Makes the first bundle live. */
  start: { with: null; answer: Started }
  /** Evaluates a bundle and runs its `onLoad`. What was staged before is dropped. */
  stage: { with: NumberedRoutes; answer: null }
  /** Makes live what was staged. */
  commit: { with: Commit; answer: null }
  /** From now on it keeps the trunks registered. Answered when it hears requests. */
  register: { with: null; answer: null }
  generations: { with: null; answer: GenerationInfo[] }
  status: { with: null; answer: WorkerStatus }
  metrics: { with: null; answer: Metric[] }
  /** One of the methods that it named when it started. */
  rpc: { with: { readonly method: string; readonly params: readonly unknown[] }; answer: unknown }
  /** Something of what workers share has changed. */
  share: { with: SharedEntries; answer: null }
  drain: { with: null; answer: null }
  close: { with: null; answer: null }
}

/** Routes that were tried out, and the number they have in every worker. */
export interface NumberedRoutes extends Required<Incoming> {
  readonly number: number
  readonly armed: readonly ArmedName[]
}

export interface Started {
  readonly generation: GenerationInfo
  readonly methods: readonly string[]
}

export interface Commit {
  readonly ending: GenerationEnd
  /** What a reload takes on of it holds from now on. */
  readonly config?: ResolvedConfig
}

/** What the primary tells without wanting an answer. */
export interface Orders {
  /** The hand-over ports of all workers, null where one is away. */
  peers: readonly (number | null)[]
  /** What was staged does not go live. */
  abort: null
  /** Others want to know all of it. */
  wanted: Topic
}

/** What a worker tells. */
export interface Reports {
  wanted: Topic
}

/** What a worker asks: that all others know this. */
export interface Wishes {
  share: { with: SharedEntries; answer: null }
}

export interface SharedEntries {
  readonly topic: Topic
  readonly entries: readonly Entry[]
  /** From now on all of it was told. */
  readonly isWhole?: boolean
}
