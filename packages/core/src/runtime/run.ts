/**
 * One run of one handler: which action came first, whether the run has ended, and what happens when it ends without an action or throws. A
 * sync handler costs no promise.
 */
import type { Generation, RouteInfo } from './generation.ts'
import type { CallLog } from './options.ts'

/**
 * The place of an action costs microseconds to note, so it is noted while a route is new (mistakes show early) and when somebody
 * watches; a busy route does without.
 */
const NEW_ROUTE_RUNS = 100

/** What a run needs of its call. */
export interface RunCall {
  readonly generation: Generation
  readonly log: CallLog
  /** Whether somebody watches. */
  readonly isWatched: boolean
  /** Whether an action still means anything to the caller. */
  readonly isOpen: boolean
  observe(what: string, where: string): void
  started(): void
  ranToEnd(): void
  threw(): void
}

export class Run {
  readonly call: RunCall
  readonly route: RouteInfo
  readonly #ended: (acted: boolean, threw: boolean) => void
  readonly #notesPlaces: boolean
  /** The first final action. */
  #acted: { action: string; stack: string | undefined } | undefined

  /** `ended` is called once, when the handler is through: whether it took a final action, and whether it threw. */
  constructor(call: RunCall, route: RouteInfo, ended: (acted: boolean, threw: boolean) => void) {
    this.call = call
    this.route = route
    this.#ended = ended
    this.#notesPlaces = call.isWatched || route.runs++ < NEW_ROUTE_RUNS
  }

  get hasActed(): boolean {
    return this.#acted !== undefined
  }

  start(handler: () => void | Promise<void>): void {
    this.call.observe(this.route.title, this.route.where)
    this.call.started()
    let result: void | Promise<void>
    try {
      result = handler()
    } catch (error) {
      return this.#threw(error)
    }
    if (isThenable(result))
      result.then(
        () => this.#returned(),
        (error: unknown) => this.#threw(error),
      )
    else this.#returned()
  }

  /**
   * Whether a final action may be taken now: the first one wins. `what` names it for the log, `caller` is the function that the route
   * called, so that the noted place is the route's.
   */
  act(what: string, caller: (...args: never[]) => unknown): boolean {
    const { call } = this
    if (this.#acted !== undefined) {
      call.log.warn(`${this.#place(stackAt(caller))} ${what} does nothing: ${this.#first()} came first`)
      return false
    }
    this.#acted = { action: what, stack: this.#notesPlaces ? stackAt(caller) : undefined }
    if (call.isWatched) call.observe(what, this.#place(this.#acted.stack))
    return call.isOpen
  }

  /** Notes what a helper did, for who watches. */
  note(what: string, caller: (...args: never[]) => unknown): void {
    if (this.call.isWatched) this.call.observe(what, this.#place(stackAt(caller)))
  }

  #returned(): void {
    this.#ended(this.hasActed, false)
    this.call.ranToEnd()
  }

  #threw(error: unknown): void {
    const { call, route } = this
    const stack = call.generation.map.mapStack(error instanceof Error ? (error.stack ?? error.message) : String(error))
    const after = this.#acted === undefined ? '' : `, after ${this.#first()}`
    call.log.error(`${route.title} threw${after}: ${stack}`)
    call.threw()
    this.#ended(this.hasActed, true)
    call.ranToEnd()
  }

  #first(): string {
    const { action, stack } = this.#acted!
    return `${action} at ${this.#place(stack)}`
  }

  #place(stack: string | undefined): string {
    return (stack && this.call.generation.map.where(stack)) || `${this.route.title} (${this.route.where})`
  }
}

function stackAt(caller: (...args: never[]) => unknown): string {
  const site: { stack?: string } = {}
  Error.captureStackTrace(site, caller)
  return site.stack ?? ''
}

function isThenable(value: unknown): value is Promise<void> {
  return typeof value === 'object' && value !== null && typeof (value as Promise<void>).then === 'function'
}
