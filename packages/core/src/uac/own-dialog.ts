/**
 * What a UAC owes to the 2xx of its INVITE (RFC 3261 §13.2.2.4): an ACK for it and for each repeat, and BYE for those that nobody wants: of
 * another fork, or come too late. No dialog is kept: what ends the call is the route's to send.
 */
import { apart, flat } from '../message/chars.ts'
import { Field } from '../message/field.ts'
import { H } from '../message/header-names.ts'
import { Message } from '../message/message.ts'
import { asRequestUri } from '../message/request-uri.ts'
import { nextHopOf, strictRouting, viaOf } from '../proxy/forward.ts'
import { nobody, sendOver, type Sending } from '../proxy/sending.ts'
import type { ClientUser } from '../transaction/layer.ts'
import type { Flow, LocalSocket } from '../transport/flow.ts'

/** A peer may fork to no more than this: each costs an ACK to remember. */
const MAX_FORKS = 32

export class OwnDialogs {
  readonly #services: Sending
  /** As it was sent. */
  readonly #invite: Message
  readonly #local: LocalSocket
  readonly #answers: (challenge: Message, request: Message) => readonly Field[]
  /** The ACK of each callee by his tag, undefined until it is known where it goes. */
  readonly #acks = new Map<string, { wire: string; flow: Flow } | undefined>()

  /** `answers` are what a request carries to answer this challenge, none where it cannot be or is none. */
  constructor(
    services: Sending,
    invite: Message,
    local: LocalSocket,
    answers: (challenge: Message, request: Message) => readonly Field[],
  ) {
    this.#services = services
    this.#answers = answers
    this.#invite = invite
    this.#local = local
  }

  /** A 2xx, new or repeated; only the first of a callee counts as `wanted` or not. */
  accepted(response: Message, wanted: boolean): void {
    const toTag = apart(response.toTag)
    if (this.#acks.has(toTag)) return this.#repeat(toTag)
    if (this.#acks.size >= MAX_FORKS) return
    this.#acks.set(toTag, undefined)
    const ack = withinDialog('ACK', 0, this.#invite, response)
    // RFC 3261 §13.2.2.4: the same credentials as the INVITE.
    for (const field of this.#invite.fields) {
      if (field.id === H.Authorization || field.id === H.ProxyAuthorization) ack.append(field)
    }
    this.#route(ack, (flow) => {
      this.#send(ack, toTag, flow)
      if (!wanted) this.#bye(response, flow)
    })
  }

  #repeat(toTag: string): void {
    const ack = this.#acks.get(toTag)
    if (ack !== undefined) ack.flow.local.send(ack.wire, ack.flow.address, ack.flow.port, undefined)
  }

  #send(ack: Message, toTag: string, flow: Flow): void {
    this.#stamp(ack, flow)
    this.#acks.set(toTag, { wire: flat(ack.toWire()), flow })
    this.#repeat(toTag)
  }

  /** Who challenges the BYE is answered once, as its INVITE was: else the callee would wait on. */
  #bye(response: Message, flow: Flow): void {
    const send = (raise: number, answers: readonly Field[], user: (bye: Message) => ClientUser): void => {
      const bye = withinDialog('BYE', raise, this.#invite, response)
      for (const field of answers) bye.append(field)
      strictRouting(bye, {})
      const branch = this.#stamp(bye, flow)
      this.#services.layer.send(bye, branch, flow, user(bye))
    }
    send(1, [], (bye) => ({
      ...nobody,
      response: (challenge) => {
        const answers = this.#answers(challenge, bye)
        if (answers.length > 0) send(2, answers, () => nobody)
      },
    }))
  }

  #stamp(request: Message, flow: Flow): string {
    const branch = this.#services.ids.branch('own')
    request.prepend(Field.make(H.Via, viaOf(flow, branch)))
    return branch
  }

  /** Where a request of the dialog goes (RFC 3261 §12.2.1.1). A next hop that cannot be found is told and forgotten: the peer ends the call. */
  #route(request: Message, send: (flow: Flow) => void): void {
    const uri = nextHopOf(request, {})
    if (uri === undefined) return this.#services.noteSendFailure(new Error('a 2xx names no next hop for its ACK'))
    strictRouting(request, {})
    sendOver(this.#services.nextHop(uri, undefined, this.#local), this.#services, send)
  }
}

/** RFC 3261 §12.2.1.1: from the dialog that the 2xx made. `raise` is added to the CSeq. */
function withinDialog(method: string, raise: number, invite: Message, response: Message): Message {
  const target = response.address(H.Contact)
  const request = Message.request(method, target?.isValid ? asRequestUri(target.uri).bytes : invite.requestUri)
  const add = (id: number, value: string): void => request.append(Field.make(id, value))
  for (const route of response.values(H.RecordRoute).reverse()) add(H.Route, route)
  add(H.MaxForwards, '70')
  add(H.From, invite.value(H.From)!)
  add(H.To, response.value(H.To)!)
  add(H.CallId, invite.callId)
  add(H.CSeq, invite.cseq!.number + raise + ' ' + method)
  add(H.ContentLength, '0')
  return request
}
