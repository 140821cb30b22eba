/**
 * One proxied request: its server transaction, its response context and its branches. The routes act on it (`forward`, `respond`, `drop`,
 * `giveUp`); the branches report to it. The one place where the steps of `response-context.ts` are taken.
 */
import type { Field } from '../message/field.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import { makeResponse } from '../message/reply.ts'
import type { ServerTransaction, ServerUser } from '../transaction/layer.ts'
import type { LocalSocket } from '../transport/flow.ts'
import { Branch, type BranchOwner, type BranchPlan } from './branch.ts'
import { ResponseContext } from './response-context.ts'
import type { ProxyServices } from './services.ts'

/** Branches to try: the groups one after another, the branches of a group at once. */
export type ForwardPlan = readonly (readonly BranchPlan[])[]

/** What the user's routes hear of one transaction. */
export interface Routes {
  /** Every branch has failed. It must end in `forward` or `giveUp`, now or later. */
  failure(best: Branch): void
  /** The caller has cancelled. */
  canceled(): void
  /** Answered, and no branch is open: no route will be asked any more. */
  settled(): void
}

/** A failure route that sends again for ever is stopped (RFC 3261 knows no bound of its own). */
const MAX_FAILURES = 12

export class ProxyTransaction implements ServerUser, BranchOwner {
  readonly proxy: ProxyServices
  readonly server: ServerTransaction
  /** As received, own Routes taken off. */
  readonly request: Message
  readonly inDialog: boolean
  /** Whether it came with a Route of ours. */
  readonly routed: boolean
  /** The CSeq offset that the dialog owes towards the callee. */
  readonly shift: number
  readonly context: ResponseContext<Branch>
  readonly toTag: string
  #routes: Routes | undefined
  #next: ForwardPlan = []
  #failures = 0
  #isSettled = false

  constructor(proxy: ProxyServices, server: ServerTransaction, routed: boolean, shift: number) {
    this.proxy = proxy
    this.server = server
    this.request = server.request
    this.inDialog = server.request.toTag !== ''
    this.routed = routed
    this.shift = shift
    this.context = new ResponseContext(server.isInvite)
    this.toTag = proxy.ids.tag()
  }

  get isInvite(): boolean {
    return this.context.isInvite
  }

  get local(): LocalSocket {
    return this.server.flow.local
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
    this.context.branches.length = 0
    this.#next = plan
    this.#startNext()
  }

  /** Answers here. A final response ends what is still pending. */
  respond(response: Message): void {
    if (this.server.isFinal) return
    if (response.status >= 200) this.#conclude()
    this.server.respond(response)
    this.#settle()
  }

  respondWith(status: number, reason = ''): void {
    this.respond(this.localResponse(status, reason))
  }

  localResponse(status: number, reason: string): Message {
    return makeResponse(this.request, status, reason, this.toTag)
  }

  drop(): void {
    if (this.server.isFinal) return
    this.#conclude()
    this.server.drop()
    this.#settle()
  }

  /** Sends the best of the received answers upstream (RFC 3261 §16.7 steps 6 to 9). */
  giveUp(): void {
    if (this.server.isFinal) return
    if (this.context.canceled) return this.respondWith(487)
    if (this.context.branches.length === 0) return this.respondWith(500)
    const { final, isLocal } = this.context.best()
    const response = final!
    // RFC 3261 §16.7 step 6: a 503 is about the next hop, not about us.
    if (response.status === 503) return this.respondWith(500, isLocal ? 'Next Hop Unreachable' : '')
    if (response.status === 401 || response.status === 407) this.#aggregate(response)
    this.respond(response)
  }

  /** A branch has a response, its own or one made there; our Via is off. */
  received(branch: Branch, response: Message): void {
    if (branch.plan.shift !== 0 && !branch.isLocal) restoreCSeq(response, this.request)
    if (response.status < 300 && this.#outgrewRoute(branch)) this.proxy.ackShifts.set(this.request, branch.plan.shift)
    for (const step of this.context.receive(branch, response)) {
      if (step === 'forward') this.server.respond(response)
      else if (step === 'cancel') this.#cancelPending()
      else this.#exhausted()
    }
    this.#settle()
  }

  /** RFC 3261 §16.10. */
  cancelByCaller(): void {
    if (this.server.isFinal || this.context.canceled) return
    const steps = this.context.cancelByCaller()
    this.#routes?.canceled()
    if (steps.includes('cancel')) this.#cancelPending()
    // Nothing is out: no branch will bring a 487, so it is made here (RFC 3261 §9.2).
    else this.giveUp()
  }

  terminated(): void {
    this.proxy.ackShifts.forget(this.request)
    this.#cancelPending()
    this.#conclude()
    this.#settle()
  }

  #startNext(): void {
    const [group = [], ...rest] = this.#next
    this.#next = rest
    const branches = group.map((plan) => new Branch(this, plan))
    this.context.branches.push(...branches)
    for (const branch of branches) branch.start()
  }

  #exhausted(): void {
    const best = this.context.best()
    if (this.context.canceled) return this.giveUp()
    if (this.#next.length > 0 && best.final!.status < 600) return this.#startNext()
    if (++this.#failures > MAX_FAILURES || this.#routes === undefined) return this.giveUp()
    this.#routes.failure(best)
  }

  /** Whether a re-INVITE was raised further than the Route of its ACK will say. */
  #outgrewRoute({ plan }: Branch): boolean {
    return this.isInvite && this.inDialog && plan.shift !== this.shift
  }

  #cancelPending(): void {
    for (const branch of this.context.branches) if (branch.final === undefined) branch.cancel()
  }

  #conclude(): void {
    this.#next = []
    this.context.answered = true
    this.#cancelPending()
  }

  #settle(): void {
    if (this.#isSettled || !this.server.isFinal || this.context.pending) return
    this.#isSettled = true
    this.#routes?.settled()
  }

  /** RFC 3261 §16.7 step 7: the challenges of every branch, so that the caller can answer them all. */
  #aggregate(response: Message): void {
    const challenges: Field[] = []
    for (const { final } of this.context.branches) {
      if (final === response || (final!.status !== 401 && final!.status !== 407)) continue
      for (const field of final!.fields) {
        if (field.id === H.WwwAuthenticate || field.id === H.ProxyAuthenticate) challenges.push(field)
      }
    }
    for (const field of challenges) response.append(field)
  }
}

/** The caller knows nothing of a raised CSeq: its own goes back, to the byte. */
function restoreCSeq(response: Message, request: Message): void {
  response.put(H.CSeq, request.value(H.CSeq)!)
}
