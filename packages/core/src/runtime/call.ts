/**
 * One transaction as its routes live it: the generation it is pinned to, its request as the routes have changed it, its `vars`, and
 * the failure route that is armed. Runs handlers when the proxy asks, and turns their silence into the contract's defaults.
 */
import type { Credentials, ForkOptions, Send, Vars } from '@signalbox/dsl'
import type { RouteKind } from '@signalbox/dsl/table'
import { isChallenge } from '../message/challenge-status.ts'
import type { Message } from '../message/message.ts'
import type { Uri } from '../message/uri.ts'
import type { BranchPlan, BranchRoutes, FailedBranch, Leaving } from '../proxy/branch.ts'
import type { ProxyTransaction, Routes } from '../proxy/proxy-transaction.ts'
import type { Chosen, FindCredentials } from '../proxy/dialogs.ts'
import type { Account } from '../trunks/account.ts'
import { answerer, type Choice } from '../uac/retry.ts'
import { Aborting } from './aborting.ts'
import { BranchCall, ReplyCall } from './branch-contexts.ts'
import { choiceFor } from './challenged.ts'
import type { Armed, ContextCall } from './context.ts'
import { BranchFailureCall, FailureCall } from './failure-contexts.ts'
import type { Generation, Route } from './generation.ts'
import type { CallLog, RuntimeOptions } from './options.ts'
import { InDialogCall, RequestCall } from './request-contexts.ts'
import { Run, type RunCall } from './run.ts'
import { sender } from './uac-send.ts'

export class Call implements Routes, ContextCall, RunCall {
  readonly transaction: ProxyTransaction
  readonly generation: Generation
  readonly options: RuntimeOptions
  #request: Message | undefined
  #vars: Vars | undefined
  /** Of the trunks that its routes have chosen, the last one first. */
  #chosen: readonly Account[] | undefined
  #running = 0
  #armed: Route<'failure'> | undefined
  #abort: AbortController | undefined
  #done: { promise: Promise<void>; resolve: () => void } | undefined
  #hasPinned = false
  #isSettled = false
  #isReleased = false

  constructor(transaction: ProxyTransaction, generation: Generation, options: RuntimeOptions) {
    this.transaction = transaction
    this.generation = generation
    this.options = options
    generation.begin()
  }

  /** As the routes have left it so far: a copy, made where a route gets to see it. */
  get request(): Message {
    return (this.#request ??= this.transaction.request.clone())
  }

  get vars(): Vars {
    return (this.#vars ??= {})
  }

  get callId(): string {
    return this.transaction.request.callId
  }

  get log(): CallLog {
    return this.options.log(this.callId)
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
      if (this.transaction.server.isFinal) resolve()
    }
    return this.#done.promise
  }

  choose(account: Account): void {
    this.#chosen = [account, ...(this.#chosen ?? []).filter((each) => each !== account)]
  }

  get chosen(): FindCredentials | undefined {
    const chosen = this.#chosen
    if (chosen === undefined) return undefined
    return (realm, hop) => credentialsAt(chosen, hop, realm)
  }

  get send(): Send {
    return sender({ generation: this.generation, options: this.options, vars: this.vars, holds: true })
  }

  begin(): void {
    this.transaction.begin(this)
    const { generation, transaction } = this
    if (!transaction.inDialog) this.#runRequest(generation.request)
    else if (generation.inDialog !== undefined) this.#runInDialog(generation.inDialog)
    else this.#inDialogDefault()
  }

  #runRequest(route: Route<'request'>): void {
    const run = new Run(this, route, (acted, threw) => {
      if (acted) return
      if (!threw && this.isOpen) this.log.warn(`${route.where} onRequest ended without an action: answered 500`)
      this.transaction.respondWith(500)
    })
    run.start(() => route.handler(new RequestCall(this, run)))
  }

  /** One that throws was only watching, too: a BYE is not lost because a watcher failed. */
  #runInDialog(route: Route<'inDialog'>): void {
    const run = new Run(this, route, (acted) => {
      if (!acted) this.#inDialogDefault()
    })
    run.start(() => route.handler(new InDialogCall(this, run)))
  }

  /** RFC 3261 §16.12: along the Route, as long as it is one of ours; else it is for us or for nobody. */
  #inDialogDefault(): void {
    const { transaction } = this
    if (!transaction.arrival.routed) return transaction.answerWithinDialog()
    const { branches: routes, auth, credentials } = this.armed(nothingAsked)
    transaction.forward([
      [
        {
          request: this.#request ?? transaction.request,
          target: {},
          recordRoute: false,
          timeouts: { final: this.options.timerC },
          shift: transaction.shift,
          answers: [],
          routes,
          auth,
          credentials,
        },
      ],
    ])
  }

  armed(options: ForkOptions): Armed {
    const choice = this.#choice(options)
    return {
      auth: choice && answerer(choice, this.options.nonceCounts, (why) => this.log.info(`auth: ${why}`)),
      // A trunk stays with the dialog, though nobody asks it for credentials yet.
      credentials: remembering(choice?.later ?? this.chosen),
      failure: this.#named('failure', options.onFailure),
      branches: this.#branchRoutes(
        this.#named('branch', options.onBranch),
        this.#replyRoutes(this.#named('reply', options.onReply)),
        this.#named('branchFailure', options.onBranchFailure),
      ),
    }
  }

  /** Within a dialog, where no route is to decide about failures, what answered its INVITE answers. */
  #choice({ auth, onFailure, onBranchFailure }: ForkOptions): Choice | undefined {
    if (auth !== undefined) return choiceFor(this, auth === true ? undefined : auth)
    const remembered =
      onFailure === undefined && onBranchFailure === undefined ? this.transaction.remembered : undefined
    return remembered && { find: remembered }
  }

  #named<Kind extends RouteKind>(kind: Kind, wanted: string | { name: string } | undefined): Route<Kind> | undefined {
    if (wanted === undefined) return undefined
    return this.generation.named(kind, typeof wanted === 'object' ? wanted.name : wanted)
  }

  /** The one without a name comes first. */
  #replyRoutes(named: Route<'reply'> | undefined): readonly Route<'reply'>[] {
    const { reply } = this.generation
    if (reply === undefined) return named === undefined ? noRoutes : [named]
    return named === undefined ? [reply] : [reply, named]
  }

  /** Only what is armed is there: a branch without routes costs nothing. */
  #branchRoutes(
    leaving: Route<'branch'> | undefined,
    replies: readonly Route<'reply'>[],
    failed: Route<'branchFailure'> | undefined,
  ): BranchRoutes | undefined {
    if (leaving === undefined && replies.length === 0 && failed === undefined) return undefined
    return {
      ...(leaving && { leaving: (as, leave) => this.#runBranch(leaving, as, leave) }),
      ...(replies.length > 0 && { reply: (response, pass) => this.#runReplies(replies, response, pass) }),
      ...(failed && { failed: (branch, go) => this.#runBranchFailure(failed, branch, go) }),
    }
  }

  #runBranch(route: Route<'branch'>, as: Leaving, leave: (changed: Leaving | undefined) => void): void {
    const run: Run = new Run(this, route, (dropped) => leave(dropped ? undefined : context.leaving))
    const context = new BranchCall(this, run, as)
    run.start(() => route.handler(context))
  }

  /** One after the other; what the first drops the second does not see. */
  #runReplies([route, ...rest]: readonly Route<'reply'>[], response: Message, pass: (onward: boolean) => void): void {
    if (route === undefined) return pass(true)
    const run = new Run(this, route, (dropped) => (dropped ? pass(false) : this.#runReplies(rest, response, pass)))
    run.start(() => route.handler(new ReplyCall(this, run, response)))
  }

  #runBranchFailure(
    route: Route<'branchFailure'>,
    branch: FailedBranch,
    go: (plan: BranchPlan | undefined) => void,
  ): void {
    let isOpen = true
    const decide = (plan: BranchPlan | undefined): void => {
      if (isOpen) go(plan)
      isOpen = false
    }
    // An action that came to nothing, because the caller has cancelled, lets the answer count as well.
    const run = new Run(this, route, () => decide(undefined))
    run.start(() => route.handler(new BranchFailureCall(this, run, branch, decide)))
  }

  arm(failure: Route<'failure'> | undefined): void {
    this.#armed = failure
  }

  pin({ pin }: ForkOptions): void {
    if (pin !== 'dialog' || this.#hasPinned) return
    this.#hasPinned = true
    const { callId } = this
    const { pinned } = this.options
    // One relay of a later request is enough for a dialog, and so is one of the first.
    if (!this.transaction.inDialog || !pinned.has(callId)) pinned.pin(callId, this.generation)
  }

  /** No dialog was formed, or it has ended: a BYE that is challenged will come again. */
  #unpin(): void {
    const { inDialog, request, server } = this.transaction
    const { status } = server
    const isOver = request.method === 'BYE' && !isChallenge(status)
    const isRefused = this.#hasPinned && (status < 200 || status >= 300)
    if (inDialog ? isOver : isRefused) this.options.pinned.unpin(request.callId)
  }

  failure(best: FailedBranch, all: readonly FailedBranch[]): void {
    const route = this.#armed
    if (route === undefined) return this.transaction.giveUp()
    this.#armed = undefined
    const run = new Run(this, route, (acted) => {
      if (!acted) this.transaction.giveUp()
    })
    run.start(() => route.handler(new FailureCall(this, run, best, all, route)))
  }

  canceled(): void {
    this.abort()
  }

  /** What runs after this has a signal of its own. */
  abort(): void {
    if (this.#abort === undefined) return
    this.options.turns.add(new Aborting(this.#abort, this.generation, this.options))
    this.#abort = undefined
  }

  answered(): void {
    this.#done?.resolve()
    if (this.options.pinned.size > 0) this.#unpin()
  }

  settled(): void {
    this.#isSettled = true
    this.#release()
  }

  bounded(what: string): void {
    this.log.warn(what)
  }

  afterwards(then: () => void): void {
    this.options.turns.afterwards(then)
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

const nothingAsked: ForkOptions = {}
const noRoutes: readonly [] = []

/** A trunk's password is for its proxy alone: any other host could name any realm. */
function credentialsAt(trunks: readonly Account[], hop: Uri | undefined, realm: string): Credentials | undefined {
  const there = trunks.filter(({ proxy }) => hop !== undefined && proxy.host === hop.host && proxy.port === hop.port)
  const credentials = there.map((account) => account.credentials)
  return credentials.find((each) => each.realm === realm) ?? credentials.find((each) => each.realm === undefined)
}

function remembering(otherwise: FindCredentials | undefined): Chosen | undefined {
  return otherwise && { byRealm: new Map(), otherwise }
}
