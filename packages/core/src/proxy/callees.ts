/**
 * The proxy as callee, once a route has answered an INVITE with 2xx (RFC 3261 §13.3.1.4): the 2xx is repeated until its ACK, and when none
 * comes the call is ended with BYE. What is kept after the ACK is in `callee-dialogs.ts`.
 */
import { Field } from '../message/field.ts'
import { H } from '../message/header-names.ts'
import { Message } from '../message/message.ts'
import { asRequestUri } from '../message/request-uri.ts'
import type { ServerTransaction } from '../transaction/layer.ts'
import type { Timer, TimerOwner } from '../timers/timers.ts'
import type { Flow } from '../transport/flow.ts'
import { CalleeDialogs } from './callee-dialogs.ts'
import { nextHopOf, strictRouting, viaOf } from './forward.ts'
import { inviteKey } from './invite-key.ts'
import { nobody, sendOver, type Sending } from './sending.ts'
import type { Refusal } from './validation.ts'

/** The answer to a later request of a call that was answered here and goes on. */
export function calleeAnswer(request: Message): Refusal {
  const { method } = request
  // RFC 3261 §8.2.1
  if (method !== 'BYE' && method !== 'INVITE' && method !== 'UPDATE')
    return { status: 405, reason: '', headers: [[H.Allow, 'INVITE, ACK, CANCEL, BYE']] }
  // RFC 3261 §8.2.2.3: no extension is known to a callee of ours.
  const required = request.values(H.Require)
  if (required.length > 0) return { status: 420, reason: '', headers: [[H.Unsupported, required.join(', ')]] }
  return { status: method === 'BYE' ? 200 : 488, reason: '' }
}

/** An INVITE and the 2xx that a route gave it. */
export interface AnsweredCall {
  readonly server: ServerTransaction
  readonly invite: Message
  readonly response: Message
}

/** Calls whose ACK is awaited, by what INVITE and ACK have in common: each leaves after 64 × T1 at the latest. */
export class Callees {
  readonly dialogs: CalleeDialogs
  readonly #waiting = new Map<string, Callee>()

  /** `limit`: how many calls are remembered after their ACK. */
  constructor(limit: number) {
    this.dialogs = new CalleeDialogs(limit)
  }

  get size(): number {
    return this.#waiting.size
  }

  answered(proxy: Sending, call: AnsweredCall): void {
    const { invite, response } = call
    const key = inviteKey(invite)
    const isFirst = invite.toTag === ''
    if (isFirst) this.dialogs.begin(invite, response.toTag)
    this.#waiting.set(
      key,
      new Callee(proxy, call, (isAcknowledged) => {
        this.#waiting.delete(key)
        if (!isAcknowledged && isFirst) this.dialogs.end(response.toTag)
      }),
    )
  }

  /** RFC 3261 §9.2: the To tag that the INVITE of this CANCEL was answered with. */
  tagOf(cancel: Message): string | undefined {
    return this.#waiting.get(inviteKey(cancel))?.tag
  }

  /** RFC 3261 §8.2.2.2: whether the same call is answered here already, having come another way. */
  isMerged(invite: Message): boolean {
    return this.#waiting.has(inviteKey(invite))
  }

  /** Whether this ACK was awaited. */
  acknowledged(ack: Message): boolean {
    if (this.#waiting.size === 0) return false
    const callee = this.#waiting.get(inviteKey(ack))
    callee?.stop(true)
    return callee !== undefined
  }
}

class Callee implements TimerOwner {
  readonly #proxy: Sending
  readonly #call: AnsweredCall
  readonly #ended: (isAcknowledged: boolean) => void
  #interval: number
  #waited = 0
  #timer: Timer

  constructor(proxy: Sending, call: AnsweredCall, ended: (isAcknowledged: boolean) => void) {
    this.#proxy = proxy
    this.#call = call
    this.#ended = ended
    this.#interval = proxy.layer.times.t1
    this.#timer = this.#start()
  }

  /** From T1 up to T2, for 64 × T1, over reliable transports too: the ACK comes end to end. */
  timerFired(): void {
    const { t1, t2 } = this.#proxy.layer.times
    this.#waited += this.#interval
    if (this.#waited >= 64 * t1) {
      this.stop(false)
      return this.#bye()
    }
    this.#call.server.respond(this.#call.response)
    this.#interval = Math.min(this.#interval * 2, t2, 64 * t1 - this.#waited)
    this.#timer = this.#start()
  }

  get tag(): string {
    return this.#call.response.toTag
  }

  stop(isAcknowledged: boolean): void {
    this.#proxy.layer.timers.stop(this.#timer)
    this.#ended(isAcknowledged)
  }

  #start(): Timer {
    return this.#proxy.layer.timers.start(this.#interval, '2xx', this)
  }

  /** RFC 3261 §13.3.1.4: no ACK came. */
  #bye(): void {
    const { invite } = this.#call
    const target = invite.address(H.Contact)
    // Within a dialog of others there is no BYE of ours to send: they end it themselves.
    if (target === undefined || !target.isValid || invite.toTag !== '') return
    const bye = Message.request('BYE', asRequestUri(target.uri).bytes)
    for (const route of invite.values(H.RecordRoute)) bye.append(Field.make(H.Route, route))
    const uri = nextHopOf(bye, {})
    if (uri === undefined) return
    strictRouting(bye, {})
    const hop = this.#proxy.nextHop(uri, invite.source as Flow)
    sendOver(hop, this.#proxy, (flow) => this.#send(bye, flow))
  }

  #send(bye: Message, flow: Flow): void {
    const { invite, response } = this.#call
    const branch = this.#proxy.ids.branch('bye')
    bye.prepend(Field.make(H.Via, viaOf(flow, branch)))
    bye.append(Field.make(H.MaxForwards, '70'))
    bye.append(Field.make(H.From, response.value(H.To)!))
    bye.append(Field.make(H.To, invite.value(H.From)!))
    bye.append(Field.make(H.CallId, invite.callId))
    bye.append(Field.make(H.CSeq, '1 BYE'))
    bye.append(Field.make(H.ContentLength, '0'))
    // Whatever becomes of it, the call is over here (RFC 3261 §15.1.1).
    this.#proxy.layer.send(bye, branch, flow, nobody)
  }
}
