/**
 * The routes that all workers have: each generation is staged in every one of them (evaluated, `onLoad` run) before the first makes it live; where one
 * refuses, ends or does not answer, none does.
 */
import type { ResolvedConfig } from '../config/config.ts'
import { SignalboxError } from '../errors.ts'
import type { Trials } from '../runtime/options.ts'
import { nothingBefore } from '../runtime/runtime.ts'
import type { IncomingRoutes } from '../running-config.ts'
import { within } from '../store/within.ts'
import type { Commit, NumberedRoutes } from './protocol.ts'
import { STAGES, type Slot } from './slot.ts'

/** A worker, as far as generations go. */
export type Taker = Pick<Slot, 'worker' | 'isUp' | 'generation' | 'stage' | 'commit' | 'follow' | 'tell'>

export interface CommonRoutesOptions {
  readonly first: NumberedRoutes
  readonly slots: readonly Taker[]
  readonly scratch: Trials
}

export class CommonRoutes {
  readonly #slots: readonly Taker[]
  readonly #scratch: Trials
  #live: NumberedRoutes
  /** Of the last reload that brought one. */
  #config: ResolvedConfig | undefined
  /** Those that are being given what is live. */
  readonly #catchingUp = new Set<Taker>()
  /** What a rollback brings back. */
  #previous: NumberedRoutes | undefined

  constructor({ first, slots, scratch }: CommonRoutesOptions) {
    this.#live = first
    this.#slots = slots
    this.#scratch = scratch
  }

  /** What a worker that starts is to serve. */
  get live(): NumberedRoutes {
    return this.#live
  }

  /** What the last reload took on of it holds there, too. */
  get config(): ResolvedConfig | undefined {
    return this.#config
  }

  /** Rejects when one cannot; nothing has changed then. */
  async load({ bundle, settings = this.#live.settings, config }: IncomingRoutes): Promise<void> {
    const number = this.#live.number + 1
    const armed = await this.#scratch.evaluate(bundle, number)
    await this.#bringIn({ bundle, settings, armed, number }, { ending: 'superseded', ...(config && { config }) })
  }

  async rollback(): Promise<void> {
    const { number, bundle } = this.#live
    if (this.#previous === undefined) throw nothingBefore({ number, hash: bundle.hash })
    await this.#bringIn({ ...this.#previous, number: number + 1 }, { ending: 'rolled back' })
  }

  /** A worker that was started with what is not live any more gets what is; one that cannot take it is replaced. */
  async catchUp(slot: Taker): Promise<void> {
    // What is staged a second time takes back the first.
    if (this.#catchingUp.has(slot)) return
    this.#catchingUp.add(slot)
    let number
    do {
      number = this.#live.number
      if (slot.isUp && slot.generation !== number) await slot.follow(this.#live, this.#config)
      // Another reload may have come meanwhile.
    } while (slot.generation === number && number !== this.#live.number)
    this.#catchingUp.delete(slot)
  }

  async #bringIn(next: NumberedRoutes, commit: Commit): Promise<void> {
    const old = this.#live
    const takers = this.#slots.filter(({ generation }) => generation === old.number)
    await this.#stage(takers, next)
    this.#live = next
    // Together: a worker that is started while others commit is to have both.
    this.#config = commit.config ?? this.#config
    if (old.bundle.hash !== next.bundle.hash) this.#previous = old
    await Promise.all(takers.map((slot) => slot.commit(next, commit)))
    // Also one whose process is not the one that staged it.
    for (const slot of this.#slots) void this.catchUp(slot)
  }

  async #stage(takers: readonly Taker[], next: NumberedRoutes): Promise<void> {
    try {
      await Promise.all(takers.map((slot) => this.#stageIn(slot, next)))
    } catch (error) {
      for (const slot of takers) slot.tell('abort', null)
      throw error
    }
  }

  async #stageIn(slot: Taker, next: NumberedRoutes): Promise<void> {
    try {
      await within(next.settings.handlers.deadline + STAGES, slot.stage(next))
    } catch (error) {
      throw error instanceof SignalboxError ? error : notTaken(slot.worker, error as Error)
    }
  }
}

/** It has ended, or does not answer. */
function notTaken(worker: number, { message }: Error): SignalboxError {
  const text = `worker ${worker} could not load the routes, and so none has: ${message}`
  return new SignalboxError('ON_LOAD', text, [{ text }])
}
