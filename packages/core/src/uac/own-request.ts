/**
 * One request of our own from its sending to its final response (RFC 3261 §8.1): sent, repeated with credentials when it is challenged, given
 * up when its time is over. It ends in exactly one response, received or made here.
 */
import type { Credentials } from '@signalbox/dsl'
import { isChallenge } from '../message/challenge-status.ts'
import { Field } from '../message/field.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import { makeResponse } from '../message/reply.ts'
import type { Answer } from '../proxy/branch.ts'
import { nextHopOf, strictRouting, viaOf } from '../proxy/forward.ts'
import type { Timer, TimerOwner } from '../timers/timers.ts'
import { makeCancel } from '../transaction/ack-and-cancel.ts'
import type { ClientTransaction, ClientUser } from '../transaction/layer.ts'
import type { Flow, LocalSocket } from '../transport/flow.ts'
import { answerChallenge, signAgain } from './auth.ts'
import { needsContact } from './compose.ts'
import { forRealm } from './credentials.ts'
import type { NonceCounts } from './nonce-counts.ts'
import { nobody, type Sending } from '../proxy/sending.ts'
import { OwnDialogs } from './own-dialog.ts'

/** What a request of our own is and who hears of it. */
export interface OwnPlan {
  /** No Via yet; `nextHop` where the request does not say it. */
  readonly request: Message
  /** The only socket that may send it; undefined: the first that reaches the next hop. */
  readonly socket?: LocalSocket | undefined
  readonly auth?: Credentials | undefined
  /** Answers that it carries before anybody asks, made for this request: they stand in its repeats only when they are asked for again. */
  readonly answers?: readonly Answer[]
  readonly counts: NonceCounts
  /** Milliseconds until a 408. */
  readonly timeout: number
  /** Before it leaves, and before each repeat: `leave` is called once, with how it is to leave, or nothing when it is not to. */
  leaving?(request: Message, leave: (changed: Message | undefined) => void): void
  /** Each final response, a challenge that is answered next included. */
  heard?(reply: OwnReply): void
  /** The last one. */
  ended(reply: OwnReply): void
  /** Why a challenge was not answered. */
  unanswered?(reason: string): void
}

export interface OwnReply {
  readonly response: Message
  /** Made here, because nobody answered. */
  readonly isLocal: boolean
  /** As it was sent, or was about to be. */
  readonly request: Message
  /** The answers to challenges that it carried. */
  readonly answers: readonly Answer[]
  /** Why it could not be sent. */
  readonly error?: Error | undefined
}

/** Realms on the way may each ask, and a nonce may be stale: whoever asks more often means no good. */
const MAX_ATTEMPTS = 5

export class OwnRequest implements ClientUser, TimerOwner {
  readonly #services: Sending
  readonly #plan: OwnPlan
  /** Where replies made here say they come from, while nothing was sent. */
  readonly #home: LocalSocket | undefined
  /** As the route or `onLocal` left it, with Via once it was sent. */
  #request: Message
  #answers: readonly Answer[]
  /** What their digests are over. */
  #digested: Message
  #attempts = 0
  #flow: Flow | undefined
  #client: ClientTransaction | undefined
  #dialogs: OwnDialogs | undefined
  #timer: Timer | undefined
  #heard = false
  #error: Error | undefined
  #cancel: 'no' | 'wanted' | 'sent' = 'no'
  #isOver = false

  constructor(services: Sending, plan: OwnPlan, home: LocalSocket | undefined) {
    this.#services = services
    this.#plan = plan
    this.#home = plan.socket ?? home
    this.#request = plan.request
    this.#answers = plan.answers ?? []
    this.#digested = plan.request
  }

  start(): void {
    this.#startTimer('timeout', this.#plan.timeout)
    if (this.#answers.length === 0) return this.#attempt(this.#plan.request)
    const request = this.#plan.request.clone()
    for (const { field } of this.#answers) request.append(field)
    this.#attempt(request)
  }

  /** Ends it by a response made here, whatever it waits for. */
  abandon(status: number, reason: string): void {
    if (this.#isOver) return
    if (this.#client !== undefined) this.#giveUp(this.#client)
    this.#end(status, reason)
  }

  #attempt(request: Message): void {
    const { leaving } = this.#plan
    this.#attempts++
    if (leaving === undefined) return this.#leave(request)
    this.#request = this.#placed(request.clone())
    leaving(this.#request.clone(), (changed) => {
      if (this.#isOver) return
      if (changed === undefined) return this.#end(480, 'Dropped Here')
      this.#leave(changed)
    })
  }

  /** Whatever goes wrong in here is this request's failure. */
  #leave(request: Message): void {
    this.#request = request
    try {
      const hop = this.#flow ?? this.#resolve(request)
      if (hop instanceof Promise) {
        hop.then((flow) => this.#isOver || this.#send(request, flow)).catch((error: Error) => this.#unreachable(error))
      } else this.#send(request, hop)
    } catch (error) {
      this.#unreachable(error as Error)
    }
  }

  #resolve(request: Message): Flow | Promise<Flow> {
    const uri = nextHopOf(request, { nextHop: request.nextHop })
    if (uri === undefined) throw new Error(`no next hop for ${request.requestUri}`)
    return this.#services.nextHop(uri, undefined, this.#plan.socket)
  }

  #unreachable(error: Error): void {
    this.#error = error
    this.#services.noteSendFailure(error)
    this.#end(503, 'Next Hop Unusable')
  }

  /** A challenge is answered where it came from, whatever `onLocal` says the second time: the flow stays. */
  #send(request: Message, flow: Flow): void {
    const { ids, layer } = this.#services
    const branch = ids.branch('own')
    const copy = request.clone()
    copy.remove(H.Via)
    copy.prepend(Field.make(H.Via, viaOf(flow, branch)))
    if (needsContact(copy)) copy.append(Field.make(H.Contact, '<sip:' + flow.local.sentBy(flow.address) + '>'))
    strictRouting(copy, { nextHop: request.nextHop })
    if (this.#answers.length > 0) this.#sign(copy)
    copy.source = sourceOf(flow.local)
    this.#flow = flow
    this.#request = copy
    this.#heard = false
    this.#client = layer.send(copy, branch, flow, this)
    if (copy.method === 'INVITE') {
      const answers = (challenge: Message, of: Message): readonly Field[] => this.#answersWithin(challenge, of)
      this.#dialogs = new OwnDialogs(this.#services, copy, flow.local, answers)
    }
  }

  /** `onLocal` may have changed what the digests are over. */
  #sign(leaving: Message): void {
    const { requestUri, body } = this.#digested
    if (leaving.requestUri === requestUri && leaving.body === body) return
    this.#answers = signAgain(leaving, this.#answers, this.#plan.counts)
  }

  response(response: Message, transaction: ClientTransaction): void {
    const { status } = response
    if (status < 200) return this.#provisional()
    if (status < 300) this.#dialogs?.accepted(response, !this.#isOver && this.#cancel === 'no')
    if (this.#isOver) return this.#stopTimer()
    transaction.user = transaction.isInvite && status < 300 ? this : nobody
    if (isChallenge(status)) this.#challenged(response)
    else this.#finish(response, false)
  }

  /** RFC 3261 §9.1: a CANCEL waits for the first provisional response. */
  #provisional(): void {
    this.#heard = true
    if (this.#cancel === 'wanted') this.#sendCancel(this.#client!)
  }

  timeout(): void {
    this.#end(408, 'Request Timeout')
  }

  transportError(_transaction: ClientTransaction, error: Error): void {
    this.#error = error
    if (!this.#isOver) this.#services.noteSendFailure(error)
    this.#end(503, 'Service Unavailable')
  }

  timerFired(name: string): void {
    if (name === 'canceled') return this.#client?.abandon()
    if (this.#client !== undefined) this.#giveUp(this.#client)
    this.#end(408, 'Request Timeout')
  }

  /** Of an INVITE something may come yet: it is cancelled, and a 2xx is ended with BYE. */
  #giveUp(client: ClientTransaction): void {
    client.stopResending()
    if (!client.isInvite) {
      client.user = nobody
      return
    }
    this.#cancel = 'wanted'
    if (this.#heard) this.#sendCancel(client)
  }

  #sendCancel(client: ClientTransaction): void {
    const { layer } = this.#services
    this.#cancel = 'sent'
    // RFC 3261 §9.1: what does not end by its CANCEL is over after 64 × T1.
    this.#startTimer('canceled', 64 * layer.times.t1)
    layer.send(makeCancel(client.request), client.branch, client.flow, nobody)
  }

  /** RFC 3261 §22.2: the same request with credentials, CSeq raised. */
  #challenged(response: Message): void {
    const answers = this.#answer(response)
    if (answers === undefined) return this.#finish(response, false)
    this.#plan.heard?.({ response, isLocal: false, request: this.#request, answers: this.#answers })
    const { number, method } = this.#plan.request.cseq!
    const again = this.#plan.request.clone()
    again.put(H.CSeq, number + this.#attempts + ' ' + method)
    for (const { field } of answers) again.append(field)
    this.#answers = answers
    this.#digested = this.#request
    this.#client = undefined
    this.#attempt(again)
  }

  #answer(response: Message): readonly Answer[] | undefined {
    const { auth, unanswered } = this.#plan
    if (auth === undefined) return undefined
    const answers =
      this.#attempts >= MAX_ATTEMPTS
        ? `asked for credentials ${MAX_ATTEMPTS} times`
        : this.#answersTo(auth, response, this.#request, this.#answers)
    if (typeof answers !== 'string') return answers
    unanswered?.(answers)
    return undefined
  }

  #answersTo(
    auth: Credentials,
    response: Message,
    request: Message,
    sent: readonly Answer[],
  ): readonly Answer[] | string {
    const { method, requestUri: uri, body } = request
    const { counts } = this.#plan
    return answerChallenge({ response, method, uri, body, counts, sent, find: (realm) => forRealm(auth, realm) })
  }

  /** For a request of the dialog, which nobody has answered for before. */
  #answersWithin(challenge: Message, request: Message): readonly Field[] {
    const { auth } = this.#plan
    if (auth === undefined || !isChallenge(challenge.status)) return []
    const answers = this.#answersTo(auth, challenge, request, [])
    return typeof answers === 'string' ? [] : answers.map(({ field }) => field)
  }

  /** By a response made here. */
  #end(status: number, reason: string): void {
    if (this.#isOver) return
    this.#finish(makeResponse(this.#placed(this.#request), status, reason, ''), true)
  }

  #finish(response: Message, isLocal: boolean): void {
    this.#isOver = true
    if (this.#cancel !== 'sent') this.#stopTimer()
    const reply = { response, isLocal, request: this.#request, answers: this.#answers, error: this.#error }
    this.#plan.heard?.(reply)
    this.#plan.ended(reply)
  }

  /** With a Via and a source, as every message has them that a route is shown. */
  #placed(request: Message): Message {
    const local = this.#home
    if (local === undefined || request.has(H.Via)) return request
    const flow: Flow = this.#flow ?? { transport: local.transport, address: local.address, port: local.port, local }
    request.prepend(Field.make(H.Via, viaOf(flow, this.#services.ids.branch('own'))))
    request.source = sourceOf(flow.local)
    return request
  }

  #startTimer(name: string, ms: number): void {
    this.#stopTimer()
    this.#timer = this.#services.layer.timers.start(ms, name, this)
  }

  #stopTimer(): void {
    this.#services.layer.timers.stop(this.#timer)
    this.#timer = undefined
  }
}

/** It comes from ourselves. */
function sourceOf({ transport, address, port }: LocalSocket): { transport: string; address: string; port: number } {
  return { transport, address, port }
}
