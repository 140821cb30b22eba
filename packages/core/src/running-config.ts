/** The config that the server runs on. A reload takes on what can change under way; the rest stays as it was at the start, and is named. */
import { realClock } from './timers/clock.ts'
import { restartKeys } from './config/changes.ts'
import type { ResolvedConfig } from './config/config.ts'
import type { Log } from './log/log.ts'
import type { GenerationInfo } from './runtime/generation.ts'
import type { Incoming } from './runtime/settings.ts'

/** What a reload brings in. */
export interface IncomingRoutes extends Incoming {
  /** The config as it was read again. Its settings go live with the bundle, where the reload brings no others. */
  readonly config?: ResolvedConfig
}

/** What a reload or a rollback came to. */
export interface Reloaded extends GenerationInfo {
  /** Keys of the config, such as `listen`, that were changed since the start and take effect at the next one. */
  readonly restart: readonly string[]
}

export class RunningConfig {
  readonly #started: ResolvedConfig
  readonly #log: Log
  #drainTimeout: number
  #stopBy: number | undefined
  #restart: readonly string[] = []

  constructor(started: ResolvedConfig, log: Log) {
    this.#started = started
    this.#log = log
    this.#drainTimeout = started.drain.timeout
  }

  /** Milliseconds. */
  get drainTimeout(): number {
    return this.#drainTimeout
  }

  /** When a stop has to be over. It begins when this is asked for first. */
  get stopBy(): number {
    return (this.#stopBy ??= realClock.now() + this.#drainTimeout)
  }

  /** The keys that wait for the next start. */
  get restart(): readonly string[] {
    return this.#restart
  }

  take(next: ResolvedConfig): void {
    this.#drainTimeout = next.drain.timeout
    this.#log.setLevel(next.log.level)
    this.#restart = restartKeys(this.#started, next)
  }
}
