/**
 * The user's routes as the proxy's `Routing`: the live generation takes each new transaction, and a reload swaps it between two
 * messages. What is not here: building a bundle (build/), and what a handler may do (the contexts).
 */
import type { Bundle } from '../build/bundle.ts'
import type { ProxyTransaction } from '../proxy/proxy-transaction.ts'
import type { Routing } from '../proxy/proxy.ts'
import { Call } from './call.ts'
import { DrainWatch } from './drain-watch.ts'
import { entered } from './entered.ts'
import { Generation, type Evaluated, type GenerationEnd, type GenerationInfo } from './generation.ts'
import { Lifecycle } from './lifecycle.ts'
import type { RegisterHooks } from '../trunks/services.ts'
import { SignalboxError } from '../errors.ts'
import { generationFile, refusedTopLevel } from './load.ts'
import type { RuntimeOptions } from './options.ts'
import { StackMap } from './stack-map.ts'
import { registerHooks, tellRegistration, type Transition } from './register-hooks.ts'

/** How many finished generations stay listed. */
const REMEMBERED = 20

/** Milliseconds: an `onDispose` that only says goodbye is always heard out. */
const MOMENT = 250

/** What is known of the first generation besides its bundle. */
export interface FirstGeneration {
  readonly armed?: Evaluated['armed'] | undefined
  /** Where other workers have seen generations come and go already. Default: 1. */
  readonly number?: number | undefined
}

export class Runtime implements Routing {
  readonly #options: RuntimeOptions
  readonly #draining: DrainWatch
  readonly #lifecycles = new WeakMap<Generation, Lifecycle>()
  #live: Generation
  #generations: Generation[]
  #finished: GenerationInfo[] = []
  #isClosed = false
  /** What a rollback brings back: one bundle's text is kept beside the live one. */
  #previous: Evaluated | undefined

  /** Throws when the bundle cannot be loaded. `armed` is what the scratch thread has found in it, if it was there. */
  constructor(bundle: Bundle, options: RuntimeOptions, { armed, number = 1 }: FirstGeneration = {}) {
    this.#options = options
    this.#draining = new DrainWatch(options)
    this.#live = this.#make(number, { bundle, settings: options.settings, ...(armed && { armed }) })
    this.#generations = [this.#live]
  }

  request(transaction: ProxyTransaction): void {
    new Call(transaction, this.#generationOf(transaction) ?? this.#live, this.#options).begin()
  }

  /** That to which the request's dialog is pinned. */
  #generationOf({ inDialog, request }: ProxyTransaction): Generation | undefined {
    const { pinned } = this.#options
    return inDialog && pinned.size > 0 ? pinned.find(request.callId) : undefined
  }

  get live(): Generation {
    return this.#live
  }

  /** Of the routes' timers that run, in milliseconds; `Infinity` for an interval. */
  get timerDelays(): number[] {
    return this.#generations.flatMap(({ timerDelays }) => timerDelays)
  }

  /** What the live routes do with a REGISTER of the core's. */
  registerHooks(): RegisterHooks {
    return registerHooks(() => this.#live, this.#options)
  }

  /** A trunk has changed its state. */
  registrationChanged(transition: Transition): void {
    tellRegistration(this.#live, this.#options, transition)
  }

  /** Runs the first bundle's `onLoad`, if it has one. Rejects with `ON_LOAD`. */
  async start(): Promise<void> {
    await this.#lifecycles.get(this.#live)?.load()
  }

  /**
   * Evaluates a bundle aside, runs its `onLoad` and makes it live. Rejects when it cannot be; nothing has changed then. One at a time: see
   * `newest-wins.ts`.
   */
  async load(bundle: Bundle, settings = this.#live.settings): Promise<Generation> {
    const armed = await this.#options.scratch?.evaluate(bundle, this.#live.number + 1)
    return this.#bringIn({ bundle, settings, ...(armed && { armed }) }, 'superseded')
  }

  /**
   * Brings back, as a new generation, what was live before with another hash, with the settings it had. A second one undoes the first. Rejects
   * with `ROLLBACK` where there was nothing else.
   */
  async rollback(): Promise<Generation> {
    if (this.#previous === undefined) throw nothingBefore(this.#live)
    return this.#bringIn(this.#previous, 'rolled back')
  }

  async #bringIn(incoming: Evaluated, ending: GenerationEnd): Promise<Generation> {
    return this.commit(await this.stage(incoming), ending)
  }

  /** All of `load` but the last step: what comes of it is for `commit` or `discard`, before anything else is staged. */
  async stage(incoming: Evaluated, number = this.#live.number + 1): Promise<Generation> {
    const next = await this.#evaluate(number, incoming)
    const loading = this.#lifecycles.get(next)?.load(this.#live)
    if (loading !== undefined) await loading
    if (this.#isClosed) throw await this.#tooLate(next)
    return next
  }

  /** What was staged is not to go live after all, as another worker could not take it. It is nobody's predecessor: its `onDispose` finds no `next`. */
  async discard(staged: Generation): Promise<void> {
    staged.drained = () => this.#lifecycles.get(staged)?.dispose()
    await staged.close()
  }

  /** Makes live what was staged. */
  commit(next: Generation, ending: GenerationEnd): Generation {
    const old = this.#live
    this.#live = next
    this.#generations.push(next)
    if (old.hash !== next.hash) this.#previous = evaluated(old)
    this.#draining.begin(old)
    old.retire(ending)
    this.#forgetDisposed()
    return next
  }

  /** As a handler is run: a top level that behaves in the scratch thread may loop here. */
  #evaluate(number: number, incoming: Evaluated): Promise<Generation> {
    const { turns, root, counters } = this.#options
    let made: Generation | undefined
    const overlong = (stack: string): SignalboxError => {
      counters.givenUp('cpu')
      made?.refuse()
      const place = new StackMap(generationFile(number), incoming.bundle.map, root).placeOf(stack)
      return refusedTopLevel('the top level ran longer than handlers.cpu allows', place)
    }
    return entered(turns, () => (made = this.#make(number, incoming)), overlong)
  }

  /** What was being loaded while the proxy stopped is torn down like the others. */
  async #tooLate(next: Generation): Promise<SignalboxError> {
    await next.close()
    return new SignalboxError('STOPPED', `generation ${next.number} was not taken: the proxy stops`)
  }

  /** Ends every generation, by its `onDispose` where there is one, which may take as many milliseconds as are left, and a moment in any case. */
  async close(left = Infinity): Promise<void> {
    this.#isClosed = true
    const generations = this.#generations
    const ended = Promise.all(generations.map((generation) => generation.close()))
    if (left === Infinity) return void (await ended)
    const { timers, log } = this.#options
    const tooLate = (): void => {
      const running = generations.filter(({ state }) => state !== 'disposed')
      for (const { dispose } of running) log().warn(`${dispose?.where} onDispose did not end before the proxy had to`)
      for (const generation of running) generation.refuse()
    }
    await new Promise<void>((resolve) => {
      const timerFired = (): void => resolve(tooLate())
      const timer = timers.start(Math.max(left, MOMENT), 'stop', { timerFired })
      void ended.finally(() => timers.stop(timer)).then(() => resolve())
    })
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

  #make(number: number, incoming: Evaluated): Generation {
    const generation = new Generation(number, incoming, this.#options.root, this.#options)
    const lifecycle = hasLifecycle(generation) ? new Lifecycle(generation, this.#options) : undefined
    if (lifecycle !== undefined) this.#lifecycles.set(generation, lifecycle)
    generation.drained = () => {
      this.#draining.end(generation)
      return lifecycle?.dispose(this.#isClosed ? undefined : this.#live)
    }
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

function hasLifecycle({ load, dispose }: Generation): boolean {
  return load !== undefined || dispose !== undefined
}

/** Without what was made of it, so that the rest can be collected. */
function evaluated({ bundle, settings, armed }: Generation): Evaluated {
  return { bundle, settings, armed }
}

export function nothingBefore({ number, hash }: Pick<GenerationInfo, 'number' | 'hash'>): SignalboxError {
  const text = `there is nothing to go back to: no other bundle was live before generation ${number} (${hash})`
  return new SignalboxError('ROLLBACK', text, [{ text, hint: 'mend the routes and reload them' }])
}
