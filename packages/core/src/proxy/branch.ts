/**
 * One branch of a proxied request: resolved, sent, perhaps cancelled, ended by exactly one final response, its own or one made here. Tells
 * its transaction what it hears; decides nothing about other branches.
 */
import type { Restoration } from '../identity/restoration.ts'
import { apart } from '../message/chars.ts'
import type { Field } from '../message/field.ts'
import { H, type HeaderId } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import { makeCancel } from '../transaction/ack-and-cancel.ts'
import type { ClientTransaction, ClientUser, ServerTransaction } from '../transaction/layer.ts'
import type { Uri } from '../message/uri.ts'
import type { Timer, TimerOwner } from '../timers/timers.ts'
import type { Flow } from '../transport/flow.ts'
import { noReason } from './cancel-reason.ts'
import { forwardedRequest, nextHopOf, type Target } from './forward.ts'
import { chosenFor, type Chosen, type Dialog } from './dialogs.ts'
import { Repeats } from './repeats.ts'
import type { BranchRecord } from './response-context.ts'
import { nobody } from './sending.ts'
import type { ProxyServices } from './services.ts'

export interface BranchTimeouts {
  /** Nothing at all from the branch, in milliseconds; undefined: timer B or F. */
  readonly provisional?: number
  /** No final answer: RFC 3261's timer C. */
  readonly final: number
}

/** An answer to a carrier's challenge that stands in a request, and what it answered. */
export interface Answer {
  readonly field: Field
  /** Authorization or Proxy-Authorization. */
  readonly header: HeaderId
  readonly realm: string
  readonly nonce: string
  /** HA1 of who answered: whether the same credentials were just rejected. */
  readonly ha1: string
  /** The hash that `ha1` is of. */
  readonly algorithm: string
  /** The answer whose place this one took: what it answered is not answered again. */
  readonly previous?: Answer
  /** Answers a nonce that came because the one before was stale. */
  readonly isRenewal?: boolean
  /** Was sent before anybody asked, with a nonce from earlier. */
  readonly isAgain?: boolean
}

/** What a branch is made of. */
export interface BranchPlan {
  /** As the route left it: no Via, Record-Route or CSeq of ours yet. */
  readonly request: Message
  readonly target: Target
  readonly recordRoute: boolean
  readonly timeouts: BranchTimeouts
  /** How far the CSeq is raised. */
  readonly shift: number
  /** They stand in `request` and are for this host only. */
  readonly answers: readonly Answer[]
  /** Set on a retry: the very host, port and socket that challenged. */
  readonly flow?: Flow
  /** How often this branch has been tried in the place of one that failed. */
  readonly retries?: number
  /** What the user's routes want with this branch. */
  readonly routes?: BranchRoutes | undefined
  /** Answers a challenge to this branch at once, before any route hears of it. */
  readonly auth?: Answerer | undefined
  /** Answers challenges to later requests of the dialog that this branch makes. */
  readonly credentials?: Chosen | undefined
  /** Makes the answers anew where `leaving` has changed what their digests are over. */
  readonly sign?: (leaving: Message) => readonly Answer[]
}

/** The challenged branch once more, with an answer; undefined when none can be given. */
export type Answerer = (challenged: FailedBranch) => BranchPlan | undefined

/** What the user's routes do with one branch: each answers by calling its second argument once, now or later. */
export interface BranchRoutes {
  /** Before the branch leaves: how it is to leave, or nothing when it is not to. */
  leaving?(as: Leaving, leave: (changed: Leaving | undefined) => void): void
  /** A response other than 100 from downstream; `pass(false)` keeps it back. */
  reply?(response: Message, pass: (onward: boolean) => void): void
  /** The branch has failed: what is tried in its place, or nothing to let the answer count. */
  failed?(branch: FailedBranch, go: (plan: BranchPlan | undefined) => void): void
}

/** A branch about to leave: a request of its own, and where it is sent when that is not what the request says. */
export interface Leaving {
  readonly request: Message
  readonly nextHop: Uri | undefined
}

/** A branch that ended without success, as a failure route is shown it. */
export interface FailedBranch {
  readonly plan: BranchPlan
  /** Whom it was for: the URI that said where to send it. */
  readonly hop: Uri | undefined
  /** Where it went; undefined when it went nowhere. */
  readonly flow: Flow | undefined
  readonly final: Message | undefined
  readonly isLocal: boolean
}

/** The transaction that a branch belongs to. */
export interface BranchOwner {
  readonly proxy: ProxyServices
  /** Where the request came from. */
  readonly source: Flow
  /** What every branch ends in, to see a loop. */
  readonly hash: string
  readonly isInvite: boolean
  /** How often a spiral has come by here before. */
  readonly pass: number
  readonly server: ServerTransaction
  readonly request: Message
  /** The branch has a response, whose topmost Via is the one below ours. */
  received(branch: Branch, response: Message): void
  /** A branch may bring responses for a reply route, or can bring none any more. */
  listens(does: boolean): void
  /** A response made here. */
  localResponse(status: number, reason: string): Message
}

export class Branch implements ClientUser, TimerOwner, BranchRecord, FailedBranch {
  readonly plan: BranchPlan
  final: Message | undefined = undefined
  /** The final response, from there or made here. It becomes `final` when no route is asked about it any more. */
  ending: Message | undefined = undefined
  /** Whether `ending` was made here because nobody answered. */
  isLocal = false
  flow: Flow | undefined
  hop: Uri | undefined = undefined
  /** As they left. */
  answers: readonly Answer[]
  /** What a dialog took for chosen because of it. */
  #chosen: Chosen | undefined = undefined
  readonly #owner: BranchOwner
  /** RFC 5393: the Max-Breadth to write; undefined leaves what came. */
  readonly #breadth: number | undefined
  /** The caller knows nothing of a raised CSeq: its own goes back, to the byte. In memory of its own: repeats of the 2xx are given it for 32 s. */
  readonly #callersCSeq: string | undefined
  /** Set when it has succeeded and no route wants to see what still comes. */
  #repeats: Repeats | undefined = undefined
  /** Set when it left with another From or To. */
  #restoration: Restoration | undefined
  #client: ClientTransaction | undefined
  /** Timer C, and 64 × T1 after a CANCEL. */
  #timer: Timer | undefined
  /** Nothing heard at all. */
  #silence: Timer | undefined
  #heard = false
  #cancel: 'no' | 'wanted' | 'sent' = 'no'
  /** Of the CANCEL. */
  #reasons = noReason
  /** Whether a reply route may be asked yet. */
  #listens = false

  constructor(owner: BranchOwner, plan: BranchPlan, breadth?: number) {
    this.#owner = owner
    this.#breadth = breadth
    this.#callersCSeq = plan.shift === 0 ? undefined : apart(owner.request.value(H.CSeq)!)
    this.plan = plan
    this.flow = plan.flow
    this.answers = plan.answers
  }

  start(): void {
    const { request, target, routes } = this.plan
    if (routes?.leaving === undefined) this.#leave(request, target)
    else this.#leaveThrough(routes.leaving)
  }

  /** The branch route has a request of its own, with the Request-URI of this branch. */
  #leaveThrough(leaving: NonNullable<BranchRoutes['leaving']>): void {
    const { requestUri, nextHop } = this.plan.target
    const request = this.plan.request.clone()
    if (requestUri !== undefined) request.requestUri = requestUri.bytes
    leaving({ request, nextHop }, (changed) => {
      if (this.ending !== undefined) return
      if (changed === undefined) return this.#end(480, 'Branch Dropped')
      if (this.plan.sign !== undefined) this.answers = this.plan.sign(changed.request)
      this.#leave(changed.request, { nextHop: changed.nextHop })
    })
  }

  /** Whatever goes wrong in here is this branch's failure: the caller has his answer, and other branches go on. */
  #leave(request: Message, target: Target): void {
    try {
      this.hop = nextHopOf(request, target)
      const hop = this.flow ?? this.#resolve()
      if (hop === undefined) this.#end(503, 'Next Hop Unusable')
      else if (hop instanceof Promise) this.#sendWhenResolved(request, target, hop)
      else this.#send(request, target, hop)
    } catch (error) {
      this.#end(503, 'Next Hop Unusable', error as Error)
    }
  }

  #resolve(): Flow | Promise<Flow> | undefined {
    return this.hop && this.#owner.proxy.nextHop(this.hop, this.#owner.source)
  }

  #sendWhenResolved(request: Message, target: Target, hop: Promise<Flow>): void {
    hop
      .then((flow) => this.ending === undefined && this.#send(request, target, flow))
      .catch((error: Error) => this.#end(503, 'Next Hop Unusable', error))
  }

  /** RFC 3261 §16.6 steps 10 and 11. */
  #send(left: Message, target: Target, flow: Flow): void {
    const { proxy, source, hash } = this.#owner
    const { plan } = this
    this.flow = flow
    const branchId = proxy.ids.branch(hash, plan.shift)
    const request = forwardedRequest(left, target, {
      branchId,
      flow,
      recordRoute: plan.recordRoute ? source : undefined,
      shift: plan.shift,
      breadth: this.#breadth,
      identities: proxy.identities,
    })
    if (left.replaced !== undefined) this.#restoration = proxy.identities.restoration(this.#owner.request, left)
    const { provisional, final } = plan.timeouts
    if (provisional !== undefined) this.#silence = proxy.layer.timers.start(provisional, 'provisional', this)
    // As long as nothing is heard timer B or F is the bound, unless the route asks for a closer one; timer C begins anew with what is heard.
    if (final < 64 * proxy.layer.times.t1) this.#startTimer('C', final)
    if (plan.routes?.reply !== undefined) this.#listen(true)
    this.#client = proxy.layer.send(request, branchId, flow, this)
  }

  response(response: Message): void {
    const { status } = response
    if (status < 200) this.#provisional(status)
    if (status === 100) return
    // RFC 3261 §16.7 step 3: without a Via below ours the response goes no further.
    response.removeFirstValue(H.Via)
    if (response.topVia === undefined) return status < 200 ? undefined : this.#end(502, 'Bad Gateway')
    if (this.#callersCSeq !== undefined) response.put(H.CSeq, this.#callersCSeq)
    this.#restoration?.apply(response)
    const wasOver = this.ending !== undefined
    if (status >= 200) this.#over(response)
    // Answered, or given up: of what comes then only a 2xx still means something.
    if (!wasOver || (status >= 200 && status < 300)) this.#owner.received(this, response)
    // RFC 6026 §8.4: a 2xx to an INVITE may come again, and others behind it, until timer M.
    if (this.#client!.state === 'completed') this.ended()
  }

  ended(): void {
    if (this.#listens) this.#listen(false)
  }

  #listen(does: boolean): void {
    this.#listens = does
    this.#owner.listens(does)
  }

  /** RFC 3261 §16.7 step 2, and a CANCEL that had to wait for this (§9.1). */
  #provisional(status: number): void {
    const first = !this.#heard
    this.#heard = true
    this.#stopSilence()
    if (this.#cancel === 'wanted') this.#sendCancel()
    else if (this.#cancel === 'no' && this.#owner.isInvite && (first || status > 100)) {
      this.#startTimer('C', this.plan.timeouts.final)
    }
  }

  /** Whether the dialog that it makes, or is within, has something to remember. */
  get hasNews(): boolean {
    return this.plan.credentials !== undefined || this.answers.length > 0
  }

  /** `toTag` and `status` are of the answer that makes the dialog. */
  rememberIn(dialog: Dialog, toTag: string, status: number): void {
    const { request, isInvite, proxy, pass } = this.#owner
    const { credentials } = this.plan
    let fields: readonly Field[] = []
    // The 200 says what the 180 said: what was chosen then stands.
    if (credentials !== undefined && (this.#chosen === undefined || this.#chosen !== dialog.chosen(request))) {
      this.#chosen = dialog.choose(request, chosenFor(credentials, this.hop))
    }
    if (isInvite && status >= 200 && this.answers.length > 0) {
      fields = dialog.acknowledgeWith(
        request,
        this.answers.map(({ field }) => field),
        pass,
      )
    }
    this.#repeats?.alike({ dialogs: proxy.dialogs, toTag, pass, chosen: this.#chosen, fields })
  }

  timeout(): void {
    this.#end(408, 'Request Timeout')
  }

  transportError(_transaction: ClientTransaction, error: Error): void {
    this.#end(503, 'Service Unavailable', error)
  }

  /** RFC 3261 §16.8 for timer C; 64 × T1 after a CANCEL, §9.1. */
  timerFired(name: string): void {
    if (name === 'canceled') {
      this.#client!.abandon()
      return this.#end(487, 'Request Terminated')
    }
    this.cancel()
    // Whom we have given up gets no more copies; if he rings yet, he is cancelled then.
    this.#client!.stopResending()
    this.#end(408, 'Request Timeout')
  }

  /** RFC 3261 §9.1: at once when something was heard, else as soon as it is; never after a final response. */
  cancel(reasons = noReason): void {
    if (this.ending !== undefined || this.#cancel !== 'no') return
    if (this.#client === undefined) return this.#end(487, 'Request Terminated')
    if (!this.#client.isInvite) return
    this.#reasons = reasons
    this.#cancel = 'wanted'
    if (this.#heard) this.#sendCancel()
  }

  #sendCancel(): void {
    const { proxy } = this.#owner
    this.#cancel = 'sent'
    this.#startTimer('canceled', 64 * proxy.layer.times.t1)
    const { request, branch, flow } = this.#client!
    proxy.layer.send(makeCancel(request, this.#reasons), branch, flow, nobody)
  }

  /** Ends the branch by a response made here. */
  #end(status: number, reason: string, error?: Error): void {
    // What was cancelled is still waited for, by its own timer: the INVITE would stay for ever else.
    if (this.#cancel !== 'sent') this.#stopTimer()
    this.#stopSilence()
    if (this.ending !== undefined) return
    this.isLocal = true
    this.ending = this.#owner.localResponse(status, reason)
    if (error !== undefined) this.#owner.proxy.noteSendFailure(error)
    this.#owner.received(this, this.ending)
  }

  /** From here on only a 2xx means anything, and it needs no branch unless a route wants to see it. */
  #over(response: Message): void {
    this.ending ??= response
    const { status } = response
    this.#stopTimer()
    this.#stopSilence()
    if (status >= 300) this.#client!.user = nobody
    else if (this.plan.routes?.reply === undefined)
      this.#client!.user = this.#repeats = new Repeats(this.#owner.server, this.#callersCSeq, this.#restoration)
  }

  #startTimer(name: string, ms: number): void {
    this.#stopTimer()
    this.#timer = this.#owner.proxy.layer.timers.start(ms, name, this)
  }

  #stopSilence(): void {
    this.#owner.proxy.layer.timers.stop(this.#silence)
    this.#silence = undefined
  }

  #stopTimer(): void {
    this.#owner.proxy.layer.timers.stop(this.#timer)
    this.#timer = undefined
  }
}
