/** What handlers run as that belong to no transaction of a caller's: `onLocal`, `onEvent`. Their generation waits for them as for any other. */
import { Aborting } from './aborting.ts'
import type { Generation } from './generation.ts'
import type { CallLog, RuntimeOptions } from './options.ts'
import type { RunCall } from './run.ts'

export class Aside implements RunCall {
  readonly generation: Generation
  readonly isOpen = true
  readonly options: RuntimeOptions
  readonly callId: string
  #abort: AbortController | undefined

  constructor(generation: Generation, options: RuntimeOptions, callId: string) {
    this.generation = generation
    this.options = options
    this.callId = callId
  }

  get log(): CallLog {
    return this.options.log(this.callId)
  }

  started(): void {
    this.generation.begin()
    this.options.counters.running(1)
  }

  ranToEnd(): void {
    this.options.counters.running(-1)
    this.generation.end()
  }

  /** Nobody cancels it. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    return this.#abort.signal
  }

  abort(): void {
    if (this.#abort !== undefined) this.options.turns.add(new Aborting(this.#abort, this.generation, this.options))
  }
}
