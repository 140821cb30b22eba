/** A `signal` that is aborted: its listeners are the user's code, and run as such. */
import type { Generation } from './generation.ts'
import type { RuntimeOptions } from './options.ts'
import { overrunAt, type Entry } from './turns.ts'

export class Aborting implements Entry {
  readonly #controller: AbortController
  readonly #generation: Generation
  readonly #options: RuntimeOptions

  constructor(controller: AbortController, generation: Generation, options: RuntimeOptions) {
    this.#controller = controller
    this.#generation = generation
    this.#options = options
  }

  enterUserCode(): boolean {
    this.#controller.abort()
    return false
  }

  overran(stack: string): void {
    this.#options.counters.givenUp('cpu')
    this.#options.log().error(`a listener of signal ${overrunAt(this.#generation.map.where(stack))}: ended`)
  }
}
