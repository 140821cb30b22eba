/** Says now and then which old generations something still runs on, and what. None is ever ended for it. */
import type { Timer } from '../timers/timers.ts'
import type { Generation } from './generation.ts'
import type { RuntimeOptions } from './options.ts'

/** In minutes: a call that rings for long is over by then. */
const PERIOD = 10

export class DrainWatch {
  readonly #options: RuntimeOptions
  readonly #timers = new Map<Generation, Timer>()

  constructor(options: RuntimeOptions) {
    this.#options = options
  }

  /** Another generation is live. */
  begin(generation: Generation, minutes = PERIOD): void {
    const timerFired = (): void => this.#report(generation, minutes)
    this.#timers.set(generation, this.#options.timers.start(PERIOD * 60_000, 'draining', { timerFired }))
  }

  /** Nothing runs on it any more. */
  end(generation: Generation): void {
    this.#options.timers.stop(this.#timers.get(generation))
    this.#timers.delete(generation)
  }

  #report(generation: Generation, minutes: number): void {
    this.#timers.delete(generation)
    this.#options.pinned.expire()
    if (generation.isDone) return
    const { number, hash, transactions, dialogs } = generation.info
    const what = `${transactions} transactions and ${dialogs} pinned dialogs`
    this.#options.log().warn(`generation ${number} (${hash}) still drains after ${minutes} minutes: ${what} run on it`)
    this.begin(generation, minutes + PERIOD)
  }
}
