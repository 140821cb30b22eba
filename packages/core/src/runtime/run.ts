/**
 * One run of one handler: which action came first, whether the run has ended, and what happens when it ends without an action, throws or
 * takes too long. A sync handler costs no promise and no timer.
 */
import { stackOf } from '../errors.ts'
import type { Timer, TimerOwner } from '../timers/timers.ts'
import type { Generation, RouteInfo } from './generation.ts'
import type { CallLog, RuntimeOptions } from './options.ts'
import { settled } from './settled.ts'
import { overrunAt, type Entry } from './turns.ts'

/**
 * The place of an action costs microseconds to note, so it is noted while a route is new (mistakes show early) and when somebody
 * watches; a busy route does without.
 */
const NEW_ROUTE_RUNS = 100

/** What a run needs of its call. */
export interface RunCall {
  readonly generation: Generation
  readonly options: RuntimeOptions
  readonly log: CallLog
  readonly callId: string
  /** Whether an action still means anything to the caller. */
  readonly isOpen: boolean
  started(): void
  ranToEnd(): void
  /** What a handler that was given up began is to stop: its `signal`. */
  abort(): void
}

export class Run implements Entry, TimerOwner {
  readonly call: RunCall
  readonly route: RouteInfo
  /** What the handler is given. */
  context: { readonly req: object; readonly res?: object } | undefined
  readonly #ended: (acted: boolean, threw: boolean) => void
  readonly #notesPlaces: boolean
  /** The first final action. */
  #acted: { action: string; stack: string | undefined } | undefined
  #handler: (() => void | Promise<void>) | undefined
  /** Runs while the handler awaits. */
  #deadline: Timer | undefined
  #isOver = false
  /** Set when it was not the handler that ended it. */
  #givenUp: string | undefined

  /** `ended` is called once, when the handler is through: whether it took a final action, and whether it threw. */
  constructor(call: RunCall, route: RouteInfo, ended: (acted: boolean, threw: boolean) => void) {
    this.call = call
    this.route = route
    this.#ended = ended
    this.#notesPlaces = this.#isWatched || route.runs++ < NEW_ROUTE_RUNS
  }

  owns(value: unknown): boolean {
    const { context } = this
    // Of what a variable may hold: there is no `res` in every context, and no value in every variable.
    if (context === undefined || value === undefined) return false
    return value === context || value === context.req || value === context.res
  }

  get hasActed(): boolean {
    return this.#acted !== undefined
  }

  start(handler: () => void | Promise<void>): void {
    this.#handler = handler
    this.call.started()
    this.call.options.turns.add(this)
  }

  enterUserCode(): boolean {
    if (this.#isWatched) this.#observe(this.route.title, this.route.where)
    let pending: Promise<void> | undefined
    try {
      pending = pendingOf(this.#handler!())
    } catch (error) {
      this.#threw(error)
      return false
    }
    if (pending === undefined) {
      this.#returned()
      return false
    }
    const { options, generation } = this.call
    const { timers, turns } = options
    turns.awaits(this)
    this.#deadline = timers.start(generation.settings.handlers.deadline, 'deadline', this)
    pending.then(
      () => this.#returned(),
      (error: unknown) => this.#threw(error),
    )
    return true
  }

  timerFired(): void {
    const { options, generation } = this.call
    const { deadline } = generation.settings.handlers
    options.counters.givenUp('deadline')
    this.#giveUp(`did not end within handlers.deadline, ${deadline} ms`)
  }

  overran(stack: string): void {
    const { call, route } = this
    const place = call.generation.map.where(stack)
    call.options.counters.givenUp('cpu')
    if (this.#isOver) call.log.error(overrunAfter(route, place))
    else this.#giveUp(overrunAt(place))
  }

  /** As if it had thrown, and nothing that it still does counts. */
  #giveUp(why: string): void {
    const { call, route } = this
    this.#givenUp = why
    const after = this.#acted === undefined ? '' : `, after ${this.#first()}`
    call.log.error(`${route.where} ${route.title} ${why}${after}: given up`)
    call.abort()
    this.#end(true)
  }

  /**
   * Whether a final action may be taken now: the first one wins. `what` names it for the log, `caller` is the function that the route
   * called, so that the noted place is the route's.
   */
  act(what: string, caller: (...args: never[]) => unknown): boolean {
    const { call } = this
    if (!this.mayAct(what, caller)) return false
    if (this.#acted !== undefined) {
      call.log.warn(`${this.#place(stackAt(caller))} ${what} does nothing: ${this.#first()} came first`)
      return false
    }
    this.#acted = { action: what, stack: this.#notesPlaces ? stackAt(caller) : undefined }
    if (this.#isWatched) this.#observe(what, this.#place(this.#acted.stack))
    return call.isOpen
  }

  /** Whether it has not been given up. */
  mayAct(what: string, caller: (...args: never[]) => unknown): boolean {
    if (this.#givenUp === undefined) return true
    const { log } = this.call
    log.warn(`${this.#place(stackAt(caller))} ${what} does nothing: ${this.route.title} ${this.#givenUp}`)
    return false
  }

  /** Notes what a helper did, for who watches. */
  note(what: string, caller: (...args: never[]) => unknown): void {
    if (this.#isWatched) this.#observe(what, this.#place(stackAt(caller)))
  }

  get #isWatched(): boolean {
    return this.call.options.observer !== undefined
  }

  #observe(what: string, where: string): void {
    const { options, generation, callId } = this.call
    options.observer?.route?.({ callId, what, where, generation: generation.number })
  }

  #returned(): void {
    if (!this.#isOver) this.#end(false)
  }

  #threw(error: unknown): void {
    const { call, route } = this
    const stack = call.generation.map.mapStack(stackOf(error))
    const after = this.#acted === undefined ? '' : `, after ${this.#first()}`
    call.log.error(`${route.title} threw${after}: ${stack}`)
    call.options.counters.threw()
    if (!this.#isOver) this.#end(true)
  }

  #end(threw: boolean): void {
    this.#isOver = true
    if (this.#deadline !== undefined) this.#awaitsNoMore(this.#deadline)
    this.#ended(this.hasActed, threw)
    this.call.ranToEnd()
  }

  #awaitsNoMore(deadline: Timer): void {
    const { timers, turns } = this.call.options
    timers.stop(deadline)
    turns.settled(this)
  }

  #first(): string {
    const { action, stack } = this.#acted!
    return `${action} at ${this.#place(stack)}`
  }

  #place(stack: string | undefined): string {
    return (stack && this.call.generation.map.where(stack)) || `${this.route.title} (${this.route.where})`
  }
}

function overrunAfter({ where, title }: RouteInfo, place: string | undefined): string {
  return `${where} ${title} had ended, and what it left running ${overrunAt(place)}: ended`
}

function stackAt(caller: (...args: never[]) => unknown): string {
  const site: { stack?: string } = {}
  Error.captureStackTrace(site, caller)
  return site.stack ?? ''
}

/** What it awaits. A `then` that is not Node's own may do anything, and is called later. Throws what its getter throws. */
function pendingOf(result: unknown): Promise<void> | undefined {
  if (typeof result !== 'object' || result === null || result === settled) return undefined
  return typeof (result as Promise<void>).then === 'function' ? Promise.resolve(result as Promise<void>) : undefined
}
