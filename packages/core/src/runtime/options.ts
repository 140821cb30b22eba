/** What the runtime is given by the server, or by a test. */
import type { Credentials, Sql } from '@signalbox/dsl'
import type { Registrar } from '../registrar/registrar.ts'
import type { Timers } from '../timers/timers.ts'
import type { AuthVars } from '../uac/credentials.ts'
import type { NonceCounts } from '../uac/nonce-counts.ts'
import type { Trunks } from '../trunks/trunks.ts'
import type { OwnRequests } from '../uac/own-requests.ts'
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

export interface RuntimeOptions {
  /** Places in sources are shown relative to this. */
  readonly root: string
  readonly timerC: number
  /** Targets that one relay or fork may have. */
  readonly maxBranches: number
  readonly uac: {
    readonly credentials: readonly (Credentials & { realm: string })[]
    readonly authVars: AuthVars
    /** The names in `vars` of what replies restore From and To from. */
    readonly restoreVars?: { readonly from?: string | undefined; readonly to?: string | undefined }
  }
  readonly nonceCounts: NonceCounts
  readonly sql: Sql
  readonly registrar: Registrar
  readonly counters: RouteCounters
  readonly observer: Observer | undefined
  readonly timers: Timers
  /** How long a handler may await, in milliseconds. */
  readonly deadline: number
  /** When handlers are entered. */
  readonly turns: Turns
  /** What sends requests of our own. Asked for when one is sent: it comes after the runtime. */
  requests(): OwnRequests
  /** Those that are kept registered, where any are. */
  trunks?(): Trunks | undefined
  /** The log of one call, or of the core when there is none. */
  log(callId?: string): CallLog
}
