/**
 * One transaction as its routes live it: the generation it is pinned to, its request as the routes have changed it, its `vars`, and
 * the failure route that is armed. Runs handlers when the proxy asks, and turns their silence into the contract's defaults.
 */
import type { Vars } from '@signalbox/dsl'
import { SignalboxError } from '../errors.ts'
import type { Message } from '../message/message.ts'
import type { Branch } from '../proxy/branch.ts'
import type { ProxyTransaction, Routes } from '../proxy/proxy-transaction.ts'
import { FailureCall, InDialogCall, RequestCall, type ContextCall } from './contexts.ts'
import type { Generation, Route } from './generation.ts'
import type { CallLog, RuntimeOptions } from './options.ts'
import { Run, type RunCall } from './run.ts'

export class Call implements Routes, ContextCall, RunCall {
  readonly transaction: ProxyTransaction
  readonly generation: Generation
  readonly options: RuntimeOptions
  /** As the routes have left it so far. */
  readonly request: Message
  readonly vars: Vars = {}
  #running = 0
  #armed: Route<'failure'> | undefined
  #abort: AbortController | undefined
  #done: { promise: Promise<void>; resolve: () => void } | undefined
  #isSettled = false
  #isReleased = false

  constructor(transaction: ProxyTransaction, generation: Generation, options: RuntimeOptions) {
    this.transaction = transaction
    this.generation = generation
    this.options = options
    this.request = transaction.request.clone()
    generation.begin()
  }

  get isWatched(): boolean {
    return this.options.observer !== undefined
  }

  get log(): CallLog {
    return this.options.log(this.transaction.request.callId)
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.transaction.isCanceled) this.#abort.abort()
    return this.#abort.signal
  }

  get done(): Promise<void> {
    if (this.#done === undefined) {
      let resolve = (): void => undefined
      const promise = new Promise<void>((done) => (resolve = done))
      this.#done = { promise, resolve }
      if (this.#isSettled) resolve()
    }
    return this.#done.promise
  }

  begin(): void {
    this.transaction.begin(this)
    const { generation, transaction } = this
    if (!transaction.inDialog) this.#runRequest(generation.request)
    else if (generation.inDialog !== undefined) this.#runInDialog(generation.inDialog)
    else this.#inDialogDefault()
  }

  #runRequest(route: Route<'request'>): void {
    const run = new Run(this, route, (threw) => {
      if (!threw && this.isOpen) this.log.warn(`${route.where} onRequest ended without an action: answered 500`)
      this.transaction.respondWith(500)
    })
    run.start(() => route.handler(new RequestCall(this, run)))
  }

  /** One that throws was only watching, too: a BYE is not lost because a watcher failed. */
  #runInDialog(route: Route<'inDialog'>): void {
    const run = new Run(this, route, () => this.#inDialogDefault())
    run.start(() => route.handler(new InDialogCall(this, run)))
  }

  /** RFC 3261 §16.12: along the Route, as long as it is one of ours; else there is no such dialog here. */
  #inDialogDefault(): void {
    const { transaction } = this
    if (!transaction.routed) return transaction.respondWith(481)
    transaction.forward([
      [
        {
          request: this.request,
          target: {},
          recordRoute: false,
          timeouts: { final: this.options.timerC },
          shift: transaction.shift,
          answers: [],
        },
      ],
    ])
  }

  /** Throws `NO_ROUTE` when nothing has that name. */
  findFailure(wanted: string | { name: string } | undefined): Route<'failure'> | undefined {
    const name = typeof wanted === 'object' ? wanted.name : wanted
    if (name === undefined) return undefined
    const route = this.generation.failure(name)
    if (route === undefined) throw noSuchRoute(name, this.generation.failureNames)
    return route
  }

  /** Arms the failure route for the branches that start now: one shot. */
  arm(route: Route<'failure'> | undefined): void {
    this.#armed = route
  }

  failure(best: Branch): void {
    const route = this.#armed
    if (route === undefined) return this.transaction.giveUp()
    this.#armed = undefined
    const run = new Run(this, route, () => this.transaction.giveUp())
    run.start(() => route.handler(new FailureCall(this, run, best, route)))
  }

  canceled(): void {
    this.#abort?.abort()
  }

  settled(): void {
    this.#isSettled = true
    this.#done?.resolve()
    this.#release()
  }

  started(): void {
    this.#running++
    this.options.counters.running(1)
  }

  ranToEnd(): void {
    this.#running--
    this.options.counters.running(-1)
    this.#release()
  }

  observe(what: string, where: string): void {
    const { callId } = this.transaction.request
    this.options.observer?.route?.({ callId, what, where, generation: this.generation.number })
  }

  threw(): void {
    this.options.counters.threw()
  }

  /** Whether an action still means anything to the caller. */
  get isOpen(): boolean {
    return !this.transaction.server.isFinal && !this.transaction.isCanceled
  }

  /** The generation is let go when nothing of this transaction can run on it any more. */
  #release(): void {
    if (this.#isReleased || !this.#isSettled || this.#running > 0) return
    this.#isReleased = true
    this.generation.end()
  }
}

function noSuchRoute(name: string, known: readonly string[]): SignalboxError {
  const list = known.length === 0 ? 'there is none' : `there is ${known.map((each) => `'${each}'`).join(', ')}`
  return new SignalboxError('NO_ROUTE', `no onFailure is named '${name}': ${list}`)
}
