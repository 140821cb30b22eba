/** `onLoad` and `onDispose`: a generation's beginning and end, each with a deadline. */
import type { LifecycleContext } from '@signalbox/dsl'
import { messageOf, SignalboxError, stackOf } from '../errors.ts'
import { Aborting } from './aborting.ts'
import { entered } from './entered.ts'
import { placeOf, type Generation, type Route, type RouteInfo } from './generation.ts'
import type { RuntimeOptions } from './options.ts'
import type { Place } from './stack-map.ts'
import { overrunAt } from './turns.ts'
import { registrations } from './uac-reg.ts'
import { sender } from './uac-send.ts'

export class Lifecycle {
  readonly #generation: Generation
  readonly #options: RuntimeOptions
  readonly #abort = new AbortController()
  readonly #context: LifecycleContext

  constructor(generation: Generation, options: RuntimeOptions) {
    this.#generation = generation
    this.#options = options
    this.#context = {
      log: options.log(),
      uac: {
        send: sender({ generation, options, vars: {}, holds: false }),
        // The trunks come after the first generation.
        get reg() {
          return registrations(options.trunks?.(), () => undefined)
        },
      },
      sql: options.sql,
      signal: this.#abort.signal,
      data: generation.data,
    }
  }

  /** Rejects with `ON_LOAD` and its place; what it began is told to stop. Undefined: there is nothing to run. */
  load(previous?: Generation): Promise<void> | undefined {
    const { load } = this.#generation
    if (load === undefined) return undefined
    return this.#run(load, () => load.handler({ ...this.#context, previous: previous?.data })).catch(
      (error: unknown) => {
        this.#generation.refuse()
        this.#stop()
        throw this.#refusal(load, error)
      },
    )
  }

  /** Rejects never: there is nobody left to tell but the log. Undefined: there is nothing to run. */
  dispose(next?: Generation): Promise<void> | undefined {
    this.#stop()
    const { dispose, map } = this.#generation
    if (dispose === undefined) return undefined
    return this.#run(dispose, () => dispose.handler({ ...this.#context, next: next?.data })).catch((error: unknown) => {
      this.#options.counters.threw()
      this.#options.log().error(`onDispose (${dispose.where}) failed: ${map.mapStack(stackOf(error))}`)
    })
  }

  #stop(): void {
    this.#options.turns.add(new Aborting(this.#abort, this.#generation, this.#options))
  }

  async #run(route: RouteInfo, handle: () => void | Promise<void>): Promise<void> {
    const { counters, observer } = this.#options
    const { title: what, where } = route
    observer?.route?.({ callId: '', what, where, generation: this.#generation.number })
    counters.running(1)
    try {
      await this.#entered(handle)
    } finally {
      counters.running(-1)
    }
  }

  /** In a turn of its own, as every handler. */
  #entered(handle: () => void | Promise<void>): Promise<void> {
    const { turns, counters } = this.#options
    const { map } = this.#generation
    const ended = (stack: string): Error => {
      counters.givenUp('cpu')
      return new GivenUp(overrunAt(map.where(stack)), map.placeOf(stack))
    }
    const begun = (): void | Promise<void> => {
      const result = handle()
      return result === undefined ? undefined : this.#inTime(result)
    }
    return entered<void>(turns, begun, ended)
  }

  #inTime(result: Promise<void>): Promise<void> {
    const { timers, counters } = this.#options
    const { deadline } = this.#generation.settings.handlers
    return new Promise((resolve, reject) => {
      const late = new GivenUp(`did not end within handlers.deadline, ${deadline} ms`)
      const timerFired = (): void => {
        counters.givenUp('deadline')
        reject(late)
      }
      const timer = timers.start(deadline, 'deadline', { timerFired })
      Promise.resolve(result)
        .finally(() => timers.stop(timer))
        .then(resolve, reject)
    })
  }

  #refusal({ where }: Route<'load'>, error: unknown): SignalboxError {
    const isLate = error instanceof GivenUp
    const text = isLate ? `onLoad ${error.message}` : `onLoad threw ${messageOf(error)}`
    const thrown = isLate ? error.place : this.#generation.map.placeOf(stackOf(error))
    return new SignalboxError('ON_LOAD', text, [{ text, ...(thrown ?? placeOf(where)) }])
  }
}

class GivenUp extends Error {
  /** Where it looped. */
  readonly place: Place | undefined

  constructor(message: string, place?: Place) {
    super(message)
    this.place = place
  }
}
