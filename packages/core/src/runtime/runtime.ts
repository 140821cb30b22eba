/**
 * The user's routes as the proxy's `Routing`: the live generation takes each new transaction, and a reload swaps it between two
 * messages. What is not here: building a bundle (build/), and what a handler may do (the contexts).
 */
import type { Bundle } from '../build/bundle.ts'
import type { ProxyTransaction } from '../proxy/proxy-transaction.ts'
import type { Routing } from '../proxy/proxy.ts'
import { Call } from './call.ts'
import { Generation, type GenerationInfo } from './generation.ts'
import { Lifecycle } from './lifecycle.ts'
import type { RegisterHooks } from '../trunks/services.ts'
import type { RuntimeOptions } from './options.ts'
import { registerHooks, tellRegistration, type Transition } from './register-hooks.ts'

/** How many finished generations stay listed. */
const REMEMBERED = 20

export class Runtime implements Routing {
  readonly #options: RuntimeOptions
  readonly #lifecycles = new WeakMap<Generation, Lifecycle>()
  #live: Generation
  #generations: Generation[]
  #finished: GenerationInfo[] = []

  /** Throws when the bundle cannot be loaded. */
  constructor(bundle: Bundle, options: RuntimeOptions) {
    this.#options = options
    this.#live = this.#make(1, bundle)
    this.#generations = [this.#live]
  }

  request(transaction: ProxyTransaction): void {
    new Call(transaction, this.#live, this.#options).begin()
  }

  get live(): Generation {
    return this.#live
  }

  /** What the live routes do with a REGISTER of the core's. */
  registerHooks(): RegisterHooks {
    return registerHooks(this.#live, this.#options)
  }

  /** A trunk has changed its state. */
  registrationChanged(transition: Transition): void {
    tellRegistration(this.#live, this.#options, transition)
  }

  /** Runs the first bundle's `onLoad`, if it has one. Rejects with `ON_LOAD`. */
  async start(): Promise<void> {
    await this.#lifecycles.get(this.#live)?.load()
  }

  /** Loads a bundle aside, runs its `onLoad` and makes it live: at once where there is none. Rejects when it cannot be; nothing has changed then. */
  async load(bundle: Bundle): Promise<Generation> {
    const next = this.#make(this.#live.number + 1, bundle)
    const loading = this.#lifecycles.get(next)?.load()
    if (loading !== undefined) await loading
    const old = this.#live
    this.#live = next
    this.#generations.push(next)
    old.retire()
    this.#forgetDisposed()
    return next
  }

  /** Ends every generation, by its `onDispose` where there is one. */
  async close(): Promise<void> {
    await Promise.all(this.#generations.map((generation) => generation.close()))
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

  #make(number: number, bundle: Bundle): Generation {
    const generation = new Generation(number, bundle, this.#options.root, this.#options)
    if (generation.load === undefined && generation.dispose === undefined) return generation
    const lifecycle = new Lifecycle(generation, this.#options)
    this.#lifecycles.set(generation, lifecycle)
    generation.drained = () => lifecycle.dispose()
    return generation
  }

  /** Only what can still run is kept; of the others, what they were. */
  #forgetDisposed(): void {
    const disposed = this.#generations.filter(({ state }) => state === 'disposed')
    if (disposed.length === 0) return
    this.#generations = this.#generations.filter(({ state }) => state !== 'disposed')
    this.#finished = [...disposed.map(({ info }) => info), ...this.#finished].slice(0, REMEMBERED)
  }
}
