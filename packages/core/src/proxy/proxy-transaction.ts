/**
 * One proxied request: its server transaction, its response context and its branches. The routes act on it (`forward`, `respond`, `drop`,
 * `giveUp`); the branches report to it. The one place where the steps of `response-context.ts` are taken.
 */
import { isChallenge } from '../message/challenge-status.ts'
import { apart } from '../message/chars.ts'
import { Field } from '../message/field.ts'
import type { Message } from '../message/message.ts'
import { makeResponse } from '../message/reply.ts'
import type { ServerTransaction, ServerUser } from '../transaction/layer.ts'
import type { Flow } from '../transport/flow.ts'
import { Branch, type BranchOwner, type BranchPlan, type FailedBranch } from './branch.ts'
import { calleeAnswer } from './callees.ts'
import { addChallenges } from './challenges.ts'
import { noReason, reasonFor, reasonsOf } from './cancel-reason.ts'
import type { Dialog, FindCredentials } from './dialogs.ts'
import { InOrder } from './in-order.ts'
import { passesBefore } from './loop-detection.ts'
import { breadthShare } from './max-breadth.ts'
import { ResponseContext } from './response-context.ts'
import type { ProxyServices } from './services.ts'

/** Branches to try: the groups one after another, the branches of a group at once. */
export type ForwardPlan = readonly (readonly BranchPlan[])[]

/** What the user's routes hear of one transaction. */
export interface Routes {
  /** Every branch has failed. It must end in `forward` or `giveUp`, now or later. */
  failure(best: FailedBranch, all: readonly FailedBranch[]): void
  /** The caller has cancelled. */
  canceled(): void
  /** The final answer has gone upstream. */
  answered(): void
  /** Answered, no branch is open, and none brings replies for a route: no route will be asked any more. */
  settled(): void
  /** Something was tried too often and is not tried again. */
  bounded(what: string): void
  /** Calls back when the routes that are due have been entered. */
  afterwards(then: () => void): void
}

/** What `route-information.ts` and `loop-detection.ts` found out about the request. */
export interface Arrival {
  /** Whether it came with a Route of ours. */
  readonly routed: boolean
  /** The CSeq offset that the dialog owes towards the callee: the Route's, and what was raised since. */
  readonly shift: number
  /** The Route's alone. */
  readonly routeShift: number
  readonly hash: string
  /** Those of our Routes that say more than `lr` and the offset. */
  readonly routeUris: readonly string[]
}

/** A failure route that sends again for ever is stopped, and so is a branch's (RFC 3261 knows no bound of its own). */
const MAX_FAILURES = 12

/** Forks beyond us may ring under as many tags as they like. */
const MAX_EARLY = 32

const noGroups: ForwardPlan = []
const noBranches: readonly Branch[] = []

export class ProxyTransaction implements ServerUser, BranchOwner {
  readonly proxy: ProxyServices
  readonly server: ServerTransaction
  /** As received, own Routes taken off. */
  readonly request: Message
  readonly inDialog: boolean
  readonly arrival: Arrival
  readonly context: ResponseContext<Branch>
  #toTag: string | undefined
  #routes: Routes | undefined
  #plan: ForwardPlan = noGroups
  /** How many groups of it have been begun. */
  #begun = 0
  /** RFC 5393: the Max-Breadth of each branch that is being tried; undefined leaves what came. */
  #breadth: number | undefined
  #failures = 0
  #isAnswered = false
  #isSettled = false
  #listening = 0
  /** Made where a reply route is the first to have work. */
  #replies: InOrder | undefined
  /** The tags of early dialogs that are remembered. */
  #early: string[] | undefined

  constructor(proxy: ProxyServices, server: ServerTransaction, arrival: Arrival) {
    this.proxy = proxy
    this.server = server
    this.request = server.request
    this.inDialog = server.request.toTag !== ''
    this.arrival = arrival
    this.context = new ResponseContext(server.isInvite)
  }

  get isInvite(): boolean {
    return this.context.isInvite
  }

  get source(): Flow {
    return this.request.source as Flow
  }

  get hash(): string {
    return this.arrival.hash
  }

  /** Of the answers that are made here. */
  get toTag(): string {
    return (this.#toTag ??= this.proxy.ids.tag())
  }

  /** The CSeq offset that the dialog owes towards the callee. */
  get shift(): number {
    return this.arrival.shift
  }

  /** How often a spiral has come by here before. */
  get pass(): number {
    return passesBefore(this.request, this.proxy.ids.branchPrefix)
  }

  /** What is remembered of the dialog that the request is within. */
  get dialog(): Dialog | undefined {
    return this.proxy.dialogs.find(this.request)
  }

  /** What was chosen earlier in the dialog to answer challenges to its sender's requests. */
  get remembered(): FindCredentials | undefined {
    return this.dialog?.credentials(this.request)
  }

  get isCanceled(): boolean {
    return this.context.canceled
  }

  /** Hands the transaction to its routes, which act on it at once or later. */
  begin(routes: Routes): void {
    this.#routes = routes
  }

  /** Sends on. What earlier branches were answered is forgotten: a failure route has seen it. */
  forward(plan: ForwardPlan): void {
    if (this.server.isFinal) return
    this.context.branches = noBranches
    this.#plan = plan
    this.#begun = 0
    this.#startNext()
  }

  /** Answers here. A final response ends what is still pending; a 2xx to a call makes us its callee. */
  respond(response: Message): void {
    if (this.server.isFinal) return
    const { status } = response
    const isPickUp = this.isInvite && status >= 200 && status < 300
    if (isPickUp && !this.inDialog && this.proxy.callees.isMerged(this.request)) return this.respondWith(482)
    if (status >= 200) this.#conclude()
    this.server.respond(response)
    const { callees } = this.proxy
    if (isPickUp) callees.answered(this.proxy, { server: this.server, invite: this.request, response })
    if (this.inDialog && status >= 200) callees.dialogs.answered(this.request, status)
    this.#settle()
  }

  /** What the core does within a dialog when no route acts: along our Route, or as the callee, or 481 (RFC 3261 §12.2.2, §16.12). */
  answerWithinDialog(): void {
    if (!this.proxy.ids.isTag(this.request.toTag)) return this.respondWith(481)
    const refusal = this.proxy.callees.dialogs.refusal(this.request)
    const { status, reason, headers = [] } = refusal ?? calleeAnswer(this.request)
    const response = this.localResponse(status, reason)
    for (const [id, value] of headers) response.append(Field.make(id, value))
    this.respond(response)
  }

  respondWith(status: number, reason = ''): void {
    this.respond(this.localResponse(status, reason))
  }

  localResponse(status: number, reason: string): Message {
    return makeResponse(this.request, status, reason, this.toTag)
  }

  drop(): void {
    if (this.server.isFinal) return
    this.#dropIt()
    this.#settle()
  }

  #dropIt(): void {
    this.#conclude()
    this.server.drop()
  }

  /** Sends the best of the received answers upstream (RFC 3261 §16.7 steps 6 to 9). */
  giveUp(): void {
    this.#answerBest()
    this.#settle()
  }

  #answerBest(): void {
    if (this.server.isFinal) return
    if (this.context.branches.length === 0) return this.#answerWith(this.context.canceled ? 487 : 500)
    const { final, isLocal } = this.context.best()
    const response = final!
    // What the callee says of the CANCEL goes on. Anything else, a challenge say, is no news to a caller who has hung up (§9.2).
    if (this.context.canceled && (response.status !== 487 || isLocal)) return this.#answerWith(487)
    // RFC 4320 §4.2: the client of a non-INVITE has timed out by itself by now; a 408 would only travel in vain.
    if (response.status === 408 && !this.isInvite) return this.#dropIt()
    // RFC 3261 §16.7 step 6: a 503 is about the next hop, not about us.
    if (response.status === 503) return this.#answerWith(500, isLocal ? 'Next Hop Unreachable' : '')
    if (isChallenge(response.status)) addChallenges(response, this.context.branches)
    this.#conclude()
    this.server.respond(response)
  }

  #answerWith(status: number, reason = ''): void {
    this.#conclude()
    this.server.respond(this.localResponse(status, reason))
  }

  /** A branch has a response, its own or one made there; our Via is off. They are taken in the order they came. */
  received(branch: Branch, response: Message): void {
    const isLocal = branch.isLocal && response === branch.ending
    const routes = isLocal ? undefined : branch.plan.routes
    if (routes?.reply === undefined && (this.#replies?.isIdle ?? true)) return this.#take(branch, response)
    this.#replies ??= new InOrder()
    this.#replies.add((done) => {
      const take = (onward: boolean): void => {
        if (onward) this.#take(branch, response)
        done()
      }
      if (routes?.reply === undefined) take(true)
      else routes.reply(response, take)
    })
    if (this.isCanceled) this.#routes?.afterwards(() => this.#countHeld())
  }

  /** A failure is shown to the branch's own failure route before it counts. */
  #take(branch: Branch, response: Message): void {
    const { plan, hop, flow, isLocal } = branch
    const { auth, routes } = plan
    const isOpen = branch.final === undefined && !this.context.isConcluded
    if ((auth ?? routes?.failed) === undefined || response.status < 300 || !isOpen) return this.#count(branch, response)
    const failed: FailedBranch = { plan, hop, flow, isLocal, final: response }
    const retry = auth !== undefined && isChallenge(response.status) ? auth(failed) : undefined
    if (retry !== undefined || routes?.failed === undefined) return this.#retryOrCount(branch, response, retry)
    routes.failed(failed, (plan) => this.#retryOrCount(branch, response, plan))
  }

  #retryOrCount(branch: Branch, response: Message, retry: BranchPlan | undefined): void {
    if (retry === undefined || !this.#mayRetry(branch.plan)) this.#count(branch, response)
    else this.#replace(branch, { ...retry, retries: (branch.plan.retries ?? 0) + 1 })
  }

  #count(branch: Branch, response: Message): void {
    if (response.status < 300) this.#remember(branch, response)
    for (const step of this.context.receive(branch, response)) {
      if (step === 'forward') this.server.respond(response)
      else if (step === 'cancel') this.#cancelPending(reasonFor(response.status))
      else this.#exhausted()
    }
    this.#settle()
  }

  #mayRetry({ retries = 0 }: BranchPlan): boolean {
    if (this.server.isFinal || this.context.isConcluded) return false
    if (retries < MAX_FAILURES) return true
    this.#routes?.bounded(`a branch was tried again ${MAX_FAILURES} times: its answer counts`)
    return false
  }

  #replace(branch: Branch, plan: BranchPlan): void {
    const next = new Branch(this, this.#numbered(plan), this.#breadth)
    this.context.branches = this.context.branches.map((each) => (each === branch ? next : each))
    next.start()
  }

  /** RFC 3261 §16.10. */
  cancelByCaller(cancel: Message): void {
    if (this.server.isFinal || this.context.canceled) return
    const steps = this.context.cancelByCaller()
    this.#routes?.canceled()
    // Nothing is out: no branch will bring a 487, so it is made here (RFC 3261 §9.2).
    if (!steps.includes('cancel')) return this.giveUp()
    this.#cancelPending(reasonsOf(cancel))
    this.#countHeld()
  }

  /** RFC 3261 §9.2: who has cancelled waits for no route that thinks about a failure; a success waits for its reply routes. */
  #countHeld(): void {
    for (const branch of this.context.branches) {
      if (branch.final === undefined && branch.ending !== undefined && branch.ending.status >= 300) {
        this.#count(branch, this.localResponse(487, ''))
      }
    }
  }

  terminated(): void {
    this.#cancelPending()
    this.#conclude()
    this.#settle()
  }

  #startNext(): void {
    const group = this.#plan[this.#begun++] ?? []
    this.#breadth = breadthShare(this.request, group.length)
    // RFC 5393 §5.3.3: nothing is sent when not every branch can have a share.
    if (this.#breadth === 0) return this.respondWith(440)
    const branches = group.map((plan) => new Branch(this, this.#numbered(plan), this.#breadth))
    const before = this.context.branches
    this.context.branches = before.length === 0 ? branches : [...before, ...branches]
    for (const branch of branches) branch.start()
  }

  #exhausted(): void {
    const best = this.context.best()
    const all = this.context.branches
    if (this.context.canceled) {
      // The caller has his 487 first; the failure route hears of it all the same, and its actions do nothing.
      this.#answerBest()
      return this.#routes?.failure(best, all)
    }
    if (this.#begun < this.#plan.length && best.final!.status < 600) return this.#startNext()
    if (++this.#failures <= MAX_FAILURES && this.#routes !== undefined) return this.#routes.failure(best, all)
    this.#routes?.bounded(`the failure route ran ${MAX_FAILURES} times: the answer goes upstream`)
    this.giveUp()
  }

  /** A challenge within the dialog raises this request, and all that its sender sends from now on (RFC 3261 §12.2.1.1). */
  #numbered(plan: BranchPlan): BranchPlan {
    const { request, arrival } = this
    if (!this.inDialog) return plan
    const isRaised = plan.shift > this.shift
    const dialog = isRaised ? this.proxy.dialogs.open(request) : this.dialog
    const shift = isRaised ? dialog!.unseen(request, plan.shift) : plan.shift
    dialog?.sent(request, shift)
    if (isRaised) dialog!.raise(request, shift - arrival.routeShift, this.pass)
    return shift === plan.shift ? plan : { ...plan, shift }
  }

  /** What the ACK and later requests of the dialog need that was found out here. Where they do not come by, nothing is kept. */
  #remember(branch: Branch, response: Message): void {
    const { toTag, status } = response
    if (!branch.hasNews || toTag === '') return
    if (this.inDialog || this.#mayForm(branch.plan, toTag, status)) {
      branch.rememberIn(this.proxy.dialogs.open(this.request, toTag), toTag, status)
    }
  }

  /** Whether the answer makes a dialog that comes by here. Those that only ring are noted: they may come to nothing. */
  #mayForm({ recordRoute }: BranchPlan, toTag: string, status: number): boolean {
    const early = this.#early
    if (!recordRoute) return false
    if (status >= 200) this.#early = early?.filter((tag) => tag !== toTag)
    else if (early === undefined) this.#early = [apart(toTag)]
    else if (early.length >= MAX_EARLY) return false
    else if (!early.includes(toTag)) early.push(apart(toTag))
    return true
  }

  /** The dialog is over, or never came to be. */
  #forgetDialogs(): void {
    const { status } = this.server
    for (const toTag of this.#early ?? []) this.proxy.dialogs.forget(this.request, toTag)
    if (this.inDialog && this.request.method === 'BYE' && !isChallenge(status)) {
      this.proxy.dialogs.forget(this.request)
    }
  }

  #cancelPending(reasons = noReason): void {
    for (const branch of this.context.branches) if (branch.final === undefined) branch.cancel(reasons)
  }

  #conclude(): void {
    this.#plan = noGroups
    this.context.answered = true
    this.#cancelPending()
  }

  #settle(): void {
    if (!this.server.isFinal) return
    if (!this.#isAnswered) this.#routes?.answered()
    this.#isAnswered = true
    if (this.#isSettled || this.context.pending) return
    this.#isSettled = true
    this.#forgetDialogs()
    this.server.user = undefined // It waits on for strays, and needs nobody for that.
    if (this.#listening === 0) this.#routes?.settled()
  }

  listens(does: boolean): void {
    this.#listening += does ? 1 : -1
    if (this.#listening === 0 && this.#isSettled) this.#routes?.settled()
  }
}
