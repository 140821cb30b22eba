/**
 * The proxy core (RFC 3261 §16): what happens to a request before a route sees it, and to the messages that no route sees: CANCEL,
 * ACK to a 2xx, responses that belong to nothing. Targets are asked for through `Routing`; it knows no DSL.
 */
import type { TransactionTimes } from '../transaction/durations.ts'
import { Identities, type IdentityEvent, type IdentityOptions } from '../identity/identities.ts'
import { defaultIdentities } from '../identity/defaults.ts'
import { Field } from '../message/field.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import { isMalformed, parseText } from '../message/parse.ts'
import { makeResponse } from '../message/reply.ts'
import type { Uri } from '../message/uri.ts'
import { TransactionLayer, type ServerTransaction, type TransactionUser } from '../transaction/layer.ts'
import type { Timers } from '../timers/timers.ts'
import type { Flow, LocalSocket } from '../transport/flow.ts'
import { Callees } from './callees.ts'
import { copyId } from './copy-id.ts'
import { Dialogs } from './dialogs.ts'
import { forwardedRequest, nextHopOf } from './forward.ts'
import type { Ids } from './ids.ts'
import { isLoop, passesBefore, routingHash } from './loop-detection.ts'
import type { OwnAddresses } from './own-addresses.ts'
import { ProxyTransaction } from './proxy-transaction.ts'
import { raiseRAck } from './record-route.ts'
import { recordedBy, undoEarlier } from './strays.ts'
import { comesBack, takeOwnRoutes } from './route-information.ts'
import { sendOver } from './sending.ts'
import type { ProxyServices } from './services.ts'
import { validate, type Refusal } from './validation.ts'

/** Who decides where requests go. */
export interface Routing {
  /** A request, validated, own Routes taken off: the routes act on it, now or later. */
  request(transaction: ProxyTransaction): void
}

/** What the proxy counts. */
export type ProxyEvent = 'stray_response' | 'stray_ack' | 'refused' | 'send_failed' | 'dialog_forgotten' | IdentityEvent

export interface ProxyOptions extends Pick<ProxyServices, 'ids' | 'nextHop'> {
  readonly routing: Routing
  readonly timers: Timers
  readonly times?: TransactionTimes
  readonly own: OwnAddresses
  /** How many dialogs are remembered, see `dialogs.ts`. */
  readonly maxDialogs: number
  /** Turns away a request that would begin a transaction. */
  admit?(request: Message, layer: TransactionLayer): Refusal | undefined
  count?(event: ProxyEvent): void
  /** Hears why something could not be sent. */
  sendFailed?(error: Error): void
  /** How replaced From and To are kept for a dialog. Default: under a key of this process alone. */
  readonly identity?: IdentityOptions
  /** Hears why a From or To was not restored. */
  notRestored?(event: IdentityEvent, request: Message): void
}

/** RFC 3261 §16.6 step 11: timer C is more than three minutes; then 64 × T1. In milliseconds. */
const EARLIER_LIVE = 240_000

export class Proxy implements TransactionUser, ProxyServices {
  readonly layer: TransactionLayer
  readonly ids: Ids
  readonly callees: Callees
  readonly dialogs: Dialogs
  readonly identities: Identities
  readonly #options: ProxyOptions
  /** From then on no transaction of an earlier process is left. */
  readonly #earlierUntil: number

  constructor(options: ProxyOptions) {
    this.#options = options
    this.ids = options.ids
    this.identities = new Identities(options.identity ?? defaultIdentities(), (event, request) => {
      this.#count(event)
      options.notRestored?.(event, request)
    })
    this.layer = new TransactionLayer(this, options.timers, options.times)
    this.callees = new Callees(options.maxDialogs)
    this.dialogs = new Dialogs(options.maxDialogs, () => this.#count('dialog_forgotten'))
    this.#earlierUntil = options.timers.clock.now() + EARLIER_LIVE
  }

  nextHop(uri: Uri, from: Flow | undefined, by?: LocalSocket): Flow | Promise<Flow> {
    return this.#options.nextHop(uri, from, by)
  }

  noteSendFailure(error: Error): void {
    this.#count('send_failed')
    this.#options.sendFailed?.(error)
  }

  request(server: ServerTransaction): void {
    const { request } = server
    const hash = routingHash(request)
    const refusal = validate(request) ?? this.#loops(request, hash)
    if (refusal !== undefined) return this.#refuse(server, refusal)
    if (server.isInvite) server.respond(makeResponse(request, 100, '', ''))
    const { ours, shift, uris } = takeOwnRoutes(request, this.#options.own)
    const raisedTo = (cseq: number): number => shift + this.#raisedBy(request, cseq)
    if (request.method === 'PRACK') raiseRAck(request, raisedTo)
    if (uris.length > 0) this.identities.arrived(request, uris)
    const arrival = { routed: ours, shift: raisedTo(request.cseq!.number), routeShift: shift, hash, routeUris: uris }
    const transaction = new ProxyTransaction(this, server, arrival)
    server.user = transaction
    this.#options.routing.request(transaction)
  }

  /** What the dialog owes beside what the Route says. */
  #raisedBy(request: Message, cseq: number): number {
    const dialog = this.dialogs.find(request)
    return dialog === undefined ? 0 : dialog.raisedBy(request, cseq, passesBefore(request, this.ids.branchPrefix))
  }

  /** RFC 3261 §16.3 step 4. */
  #loops(request: Message, hash: string): Refusal | undefined {
    return isLoop(request, this.ids.branchPrefix, hash) ? { status: 482, reason: 'Loop Detected' } : undefined
  }

  admit(request: Message): Message | undefined {
    const refusal = this.#options.admit?.(request, this.layer)
    return refusal && this.#refusal(request, refusal)
  }

  /** RFC 3261 §16.10. DEVIATES §16.10: a CANCEL that matches nothing is answered 481 and goes no further. */
  cancel(server: ServerTransaction, invite: ServerTransaction | undefined): void {
    const { request } = server
    if (invite === undefined) return server.respond(makeResponse(request, 481, '', this.ids.tag()))
    const { user } = invite
    const tag = user instanceof ProxyTransaction ? user.toTag : (this.callees.tagOf(request) ?? tagOfAnswer(invite))
    server.respond(makeResponse(request, 200, '', tag ?? this.ids.tag()))
    if (user instanceof ProxyTransaction) user.cancelByCaller(request)
  }

  /** Ends what is still without an answer, so that no caller waits for a proxy that is gone and no callee rings on. Says how many. */
  abandon(): number {
    const left = this.layer.open()
    for (const { user } of left) if (user instanceof ProxyTransaction) user.respondWith(503, 'Shutting Down')
    return left.length
  }

  /** RFC 3261 §16.11: the ACK to a 2xx is forwarded without state, along the Route that it carries. */
  ack(request: Message): void {
    if (this.callees.acknowledged(request)) return
    const isForCallee = this.ids.isTag(request.toTag)
    if (isForCallee && this.callees.size === 0) return
    if (validate(request) !== undefined) return this.#count('stray_ack')
    const { ours, shift, uris } = takeOwnRoutes(request, this.#options.own)
    // Who picked up in a later pass of a spiral awaits it as the earlier ones have raised it.
    if (isForCallee && !request.has(H.Route)) return
    if (uris.length > 0) this.identities.arrived(request, uris)
    const dialog = this.dialogs.find(request)
    const raise = shift + this.#raisedBy(request, request.cseq!.number)
    if (dialog !== undefined) {
      const isLast = !comesBack(request, this.#options.own)
      const credentials = dialog.credentialsOfAck(request, passesBefore(request, this.ids.branchPrefix), isLast)
      for (const field of credentials) request.append(field)
    }
    const uri = ours ? nextHopOf(request, {}) : undefined
    if (uri === undefined) return this.#count('stray_ack')
    const hop = this.nextHop(uri, request.source as Flow)
    sendOver(hop, this, (flow) => this.#sendAck(request, flow, raise))
  }

  /**
   * RFC 6026 §7.3: what belongs to no transaction of ours is dropped. DEVIATES from it for as long as transactions of an earlier process can live:
   * an answer to what that one sent goes on by its Via (RFC 3261 §16.11), so that a restart loses no call that rings.
   */
  stray(response: Message): void {
    this.#count('stray_response')
    if (this.layer.timers.clock.now() > this.#earlierUntil) return
    const uri = undoEarlier(response, this.ids, this.#options.own)
    if (uri === undefined) return
    this.identities.answered(response, recordedBy(response, this.#options.own), uri)
    const hop = this.nextHop(uri, response.source as Flow)
    sendOver(hop, this, (flow) => sendOn(response, flow))
  }

  #sendAck(request: Message, flow: Flow, shift: number): void {
    const out = { branchId: this.ids.branch('ack', shift, copyId(request)), flow, shift, identities: this.identities }
    sendOn(forwardedRequest(request, {}, out), flow)
  }

  #refuse(server: ServerTransaction, refusal: Refusal): void {
    server.respond(this.#refusal(server.request, refusal))
    this.#count('refused')
  }

  #refusal(request: Message, { status, reason, headers = [] }: Refusal): Message {
    const response = makeResponse(request, status, reason, this.ids.tag())
    for (const [id, value] of headers) response.append(Field.make(id, value))
    return response
  }

  #count(event: ProxyEvent): void {
    this.#options.count?.(event)
  }
}

/** RFC 3261 §9.2: that of the refusal which waits for its ACK. Of a 2xx nothing is kept. */
function tagOfAnswer({ wire }: ServerTransaction): string | undefined {
  const answer = parseText(wire)
  return isMalformed(answer) || answer.toTag === '' ? undefined : answer.toTag
}

function sendOn(message: Message, { local, address, port }: Flow): void {
  local.send(message.toWire(), address, port, undefined)
}
