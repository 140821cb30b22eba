/**
 * The user's routes as the proxy's `Routing`: the live generation takes each new transaction, and a reload swaps it between two
 * messages. What is not here: building a bundle (build/), and what a handler may do (the contexts).
 */
import type { Bundle } from '../build/bundle.ts'
import type { ProxyTransaction } from '../proxy/proxy-transaction.ts'
import type { Routing } from '../proxy/proxy.ts'
import { Call } from './call.ts'
import { Generation, type GenerationInfo } from './generation.ts'
import type { RuntimeOptions } from './options.ts'

/** How many finished generations stay listed. */
const REMEMBERED = 20

export class Runtime implements Routing {
  readonly #options: RuntimeOptions
  #live: Generation
  #generations: Generation[]
  #finished: GenerationInfo[] = []

  /** Throws when the bundle cannot be loaded. */
  constructor(bundle: Bundle, options: RuntimeOptions) {
    this.#options = options
    this.#live = new Generation(1, bundle, options.root)
    this.#generations = [this.#live]
  }

  request(transaction: ProxyTransaction): void {
    new Call(transaction, this.#live, this.#options).begin()
  }

  get live(): Generation {
    return this.#live
  }

  /** Loads a bundle aside and makes it live. Throws when it cannot be loaded; nothing has changed then. */
  load(bundle: Bundle): Generation {
    const next = new Generation(this.#live.number + 1, bundle, this.#options.root)
    const old = this.#live
    this.#live = next
    this.#generations.push(next)
    old.retire()
    this.#forgetDisposed()
    return next
  }

  /** Newest first. */
  list(): GenerationInfo[] {
    this.#forgetDisposed()
    return [...this.#generations.map(({ info }) => info), ...this.#finished].sort((a, b) => b.number - a.number)
  }

  /** A stack with the user's lines, whichever generation it names. */
  mapStack(stack: string): string {
    return this.#generations.reduce((mapped, { map }) => map.mapStack(mapped), stack)
  }

  /** Only what can still run is kept; of the others, what they were. */
  #forgetDisposed(): void {
    const disposed = this.#generations.filter(({ state }) => state === 'disposed')
    if (disposed.length === 0) return
    this.#generations = this.#generations.filter(({ state }) => state !== 'disposed')
    this.#finished = [...disposed.map(({ info }) => info), ...this.#finished].slice(0, REMEMBERED)
  }
}
