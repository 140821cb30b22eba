/**
 * The timers that a bundle sees: Node's own, but for where their callbacks run. Node's timer phase is the one place where a loop cannot be ended without
 * harm, so they are entered in a turn of their own; and what a disposed generation left running is stopped.
 */
import { createRequire } from 'node:module'
import timers from 'node:timers'
import { promisify } from 'node:util'
import type { StackMap } from './stack-map.ts'
import { overrunAt, type Entry, type Turns } from './turns.ts'

type Callback = (...args: unknown[]) => void
type Handle = NodeJS.Timeout | NodeJS.Immediate

/** Who enters them and hears of what they do. */
export interface TimerHost {
  readonly turns: Turns
  readonly counters: { givenUp(by: 'cpu'): void }
  readonly observer?: { timersLeft?(delays: readonly number[]): void } | undefined
  log(): { error(message: string): void }
}

/** For bundles: only what Node brings, as everything else is in them. */
export const nodeRequire = createRequire(import.meta.url)

export class UserTimers {
  readonly #host: TimerHost
  readonly #map: StackMap
  /** With the time of each; an interval never ends. */
  readonly #running = new Map<Handle, number>()
  /** Those that have fired and wait for their turn. */
  readonly #due = new Map<Handle, Due>()
  #isDisposed = false
  /** What a bundle calls by these names, and requires as `timers`. */
  readonly functions = {
    setTimeout: likeNodes(timers.setTimeout, (callback: Callback, ms?: number, ...args: unknown[]) => {
      refuseNoFunction(callback)
      const handle: NodeJS.Timeout = globalThis.setTimeout(() => this.#fired(handle, callback, args, true), ms)
      return this.#started(handle, ms ?? 0)
    }),
    setInterval: likeNodes(timers.setInterval, (callback: Callback, ms?: number, ...args: unknown[]) => {
      refuseNoFunction(callback)
      const handle: NodeJS.Timeout = globalThis.setInterval(() => this.#fired(handle, callback, args, false), ms)
      return this.#started(handle, Infinity)
    }),
    setImmediate: likeNodes(timers.setImmediate, (callback: Callback, ...args: unknown[]) => {
      refuseNoFunction(callback)
      const handle: NodeJS.Immediate = globalThis.setImmediate(() => this.#fired(handle, callback, args, true))
      return this.#started(handle, 0)
    }),
    clearTimeout: (handle?: unknown) => this.#clear(handle),
    clearInterval: (handle?: unknown) => this.#clear(handle),
    clearImmediate: (handle?: unknown) => this.#clear(handle),
  }
  readonly #module = { ...timers, ...this.functions }

  constructor(host: TimerHost, map: StackMap) {
    this.#host = host
    this.#map = map
  }

  /** For bundles: `timers` are these. */
  readonly require = (id: string): unknown =>
    id === 'timers' || id === 'node:timers' ? this.#module : (nodeRequire(id) as unknown)

  /** Of those that run, in milliseconds. */
  get delays(): readonly number[] {
    return [...this.#running.values()]
  }

  /** Nothing of them fires any more; whoever watches hears of what nobody stopped. */
  end(): void {
    if (this.#running.size > 0) this.#host.observer?.timersLeft?.(this.delays)
    this.dispose()
  }

  /** Nothing of them fires any more. */
  dispose(): void {
    this.#isDisposed = true
    for (const handle of this.#running.keys()) this.#clear(handle)
  }

  #started<H extends Handle>(handle: H, delay: number): H {
    if (this.#isDisposed) this.#clear(handle)
    else this.#running.set(handle, delay)
    return handle
  }

  #fired(handle: Handle, callback: Callback, args: unknown[], isLast: boolean): void {
    if (isLast) this.#running.delete(handle)
    // One that fires again before it was entered fires once, as Node's own do.
    if (this.#isDisposed || this.#due.has(handle)) return
    const enter = (): void => {
      if (this.#due.delete(handle)) callback.apply(handle, args)
    }
    const due = new Due(enter, (stack) => this.#overran(handle, stack))
    this.#due.set(handle, due)
    this.#host.turns.add(due)
  }

  /** One that loops would loop each time. */
  #overran(handle: Handle, stack: string): void {
    this.#clear(handle)
    this.#host.counters.givenUp('cpu')
    this.#host.log().error(`a timer of the routes ${overrunAt(this.#map.where(stack))}: ended, and fires no more`)
  }

  /** Takes what Node's take: a handle, its number, or nothing. */
  #clear(handle: unknown): void {
    globalThis.clearTimeout(handle as NodeJS.Timeout)
    // Node counts whatever it is given here as one immediate less.
    if (this.#running.has(handle as Handle) && !('refresh' in (handle as Handle))) {
      globalThis.clearImmediate(handle as NodeJS.Immediate)
    }
    for (const each of typeof handle === 'object' ? [handle as Handle] : this.#numbered(handle)) {
      this.#running.delete(each)
      this.#due.delete(each)
    }
  }

  #numbered(number: unknown): Handle[] {
    const handles = [...this.#running.keys(), ...this.#due.keys()]
    return handles.filter((handle) => Symbol.toPrimitive in handle && String(Number(handle)) === String(number))
  }
}

/** One callback. */
class Due implements Entry {
  readonly #enter: () => void
  readonly overran: (stack: string) => void

  constructor(enter: () => void, overran: (stack: string) => void) {
    this.#enter = enter
    this.overran = overran
  }

  /** It may resolve what a handler awaits, which goes on right after it. */
  enterUserCode(): boolean {
    try {
      this.#enter()
    } catch (error) {
      // As a timer of Node's own would: the process hears of it, and nobody else is harmed.
      queueMicrotask(() => {
        throw error
      })
    }
    return true
  }
}

/** Where the mistake is, not where the timer fires; with Node's words and code. */
function refuseNoFunction(callback: unknown): void {
  if (typeof callback !== 'function') globalThis.setTimeout(callback as () => void)
}

/** With the promise that `util.promisify` makes of it. */
function likeNodes<F extends object>(node: object, ours: F): F {
  const promised: unknown = Reflect.get(node, promisify.custom)
  return promised === undefined ? ours : Object.defineProperty(ours, promisify.custom, { value: promised })
}
