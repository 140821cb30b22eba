/** What the runtime is given by the server, or by a test. */
import type { Sql } from '@signalbox/dsl'
import type { Bundle } from '../build/bundle.ts'
import type { Registrar } from '../registrar/registrar.ts'
import type { Timers } from '../timers/timers.ts'
import type { NonceCounts } from '../uac/nonce-counts.ts'
import type { KnownTrunks } from '../trunks/trunk-index.ts'
import type { OwnRequests } from '../uac/own-requests.ts'
import type { ArmedName } from './armed-names.ts'
import type { PinnedDialogs } from './pinned-dialogs.ts'
import type { GenerationSettings } from './settings.ts'
import type { Turns } from './turns.ts'

/** Where a route's log lines go; the Call-ID goes with each. */
export interface CallLog {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

/** Somebody who watches routes run: the test kit, and the demo's ladder. */
export interface Observer {
  route?(event: { callId: string; what: string; where: string; generation: number }): void
  /** A generation has ended, and these of its timers run: the time of each, in milliseconds; `Infinity` for an interval. */
  timersLeft?(delays: readonly number[]): void
}

export interface RouteCounters {
  /** A handler has started or ended. */
  running(change: 1 | -1): void
  /** A `uac.send` has begun or ended. */
  sending(change: 1 | -1): void
  /** A handler threw. */
  threw(): void
  /** A handler was given up: `handlers.deadline` or `handlers.cpu` had passed. */
  givenUp(by: 'deadline' | 'cpu'): void
}

/** Where bundles are evaluated before they are in the main thread. */
export interface Trials {
  /** Resolves with the names that it arms. Rejects with why it cannot be loaded. */
  evaluate(bundle: Bundle, number: number): Promise<readonly ArmedName[]>
}

export interface RuntimeOptions {
  /** Places in sources are shown relative to this. */
  readonly root: string
  readonly timerC: number
  /** Targets that one relay or fork may have. */
  readonly maxBranches: number
  /** Of the first generation, and of those that bring none of their own. */
  readonly settings: GenerationSettings
  readonly nonceCounts: NonceCounts
  /** Dialogs that stay on their generation. */
  readonly pinned: PinnedDialogs
  readonly sql: Sql
  readonly registrar: Registrar
  readonly counters: RouteCounters
  readonly observer: Observer | undefined
  readonly timers: Timers
  /** When handlers are entered. */
  readonly turns: Turns
  /** What sends requests of our own. Asked for when one is sent: it comes after the runtime. */
  requests(): OwnRequests
  /** Those that are kept registered, where any are. */
  trunks?(): KnownTrunks | undefined
  /** Without it a bundle is evaluated in the main thread alone. */
  readonly scratch?: Trials | undefined
  /** The log of one call, or of the core when there is none. */
  log(callId?: string): CallLog
}
