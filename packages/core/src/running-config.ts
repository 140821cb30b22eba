/** The config that the server runs on. A reload takes on what can change under way; the rest stays as it was at the start, and is named. */
import { restartKeys } from './config/changes.ts'
import type { ResolvedConfig } from './config/config.ts'
import type { Log } from './log/log.ts'

export class RunningConfig {
  readonly #started: ResolvedConfig
  readonly #log: Log
  #drain: ResolvedConfig['drain']

  constructor(started: ResolvedConfig, log: Log) {
    this.#started = started
    this.#log = log
    this.#drain = started.drain
  }

  get drainTimeout(): number {
    return this.#drain.timeout
  }

  /** The keys that differ from the start and wait for the next one. */
  take(next: ResolvedConfig): string[] {
    this.#drain = next.drain
    this.#log.setLevel(next.log.level)
    const restart = restartKeys(this.#started, next)
    if (restart.length > 0)
      this.#log.warn(`changed in the config, takes effect at the next start: ${restart.join(', ')}`)
    return restart
  }
}
