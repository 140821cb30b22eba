/**
 * The proxy core (RFC 3261 §16): what happens to a request before a route sees it, and to the messages that no route sees: CANCEL,
 * ACK to a 2xx, responses that belong to nothing. Targets are asked for through `Routing`; it knows no DSL.
 */
import type { TransactionTimes } from '../transaction/durations.ts'
import { Identities, type IdentityEvent, type IdentityOptions } from '../identity/identities.ts'
import { defaultIdentities } from '../identity/defaults.ts'
import { Field } from '../message/field.ts'
import type { Message } from '../message/message.ts'
import { makeResponse } from '../message/reply.ts'
import type { Uri } from '../message/uri.ts'
import { TransactionLayer, type ServerTransaction, type TransactionUser } from '../transaction/layer.ts'
import type { Timers } from '../timers/timers.ts'
import type { Flow } from '../transport/flow.ts'
import { AckShifts } from './ack-shifts.ts'
import { Callees } from './callees.ts'
import { forwardedRequest, nextHopOf } from './forward.ts'
import type { Ids } from './ids.ts'
import { isLoop, routingHash } from './loop-detection.ts'
import type { OwnAddresses } from './own-addresses.ts'
import { ProxyTransaction } from './proxy-transaction.ts'
import { raiseRAck } from './record-route.ts'
import { takeOwnRoutes } from './route-information.ts'
import type { ProxyServices } from './services.ts'
import { validate, type Refusal } from './validation.ts'

/** Who decides where requests go. */
export interface Routing {
  /** A request, validated, own Routes taken off: the routes act on it, now or later. */
  request(transaction: ProxyTransaction): void
}

/** What the proxy counts. */
export type ProxyEvent = 'stray_response' | 'stray_ack' | 'refused' | 'send_failed' | IdentityEvent

export interface ProxyOptions extends Pick<ProxyServices, 'ids' | 'nextHop'> {
  readonly routing: Routing
  readonly timers: Timers
  readonly times?: TransactionTimes
  readonly own: OwnAddresses
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

export class Proxy implements TransactionUser, ProxyServices {
  readonly layer: TransactionLayer
  readonly ids: Ids
  readonly ackShifts = new AckShifts()
  readonly callees = new Callees()
  readonly identities: Identities
  readonly #options: ProxyOptions

  constructor(options: ProxyOptions) {
    this.#options = options
    this.ids = options.ids
    this.identities = new Identities(options.identity ?? defaultIdentities(), (event, request) => {
      this.#count(event)
      options.notRestored?.(event, request)
    })
    this.layer = new TransactionLayer(this, options.timers, options.times)
  }

  nextHop(uri: Uri, from: Flow): Flow | Promise<Flow> {
    return this.#options.nextHop(uri, from)
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
    if (server.isInvite) server.respond(makeResponse(request, 100, 'Trying', ''))
    const { ours, shift, uris } = takeOwnRoutes(request, this.#options.own)
    if (shift !== 0 && request.method === 'PRACK') raiseRAck(request, shift)
    if (uris.length > 0) this.identities.arrived(request, uris)
    const transaction = new ProxyTransaction(this, server, { routed: ours, shift, hash, routeUris: uris })
    server.user = transaction
    this.#options.routing.request(transaction)
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
    server.respond(makeResponse(request, 200, '', user instanceof ProxyTransaction ? user.toTag : this.ids.tag()))
    if (user instanceof ProxyTransaction) user.cancelByCaller()
  }

  /** Ends what is still without an answer, so that no caller waits for a proxy that is gone and no callee rings on. Says how many. */
  abandon(): number {
    const left = this.layer.open()
    for (const { user } of left) if (user instanceof ProxyTransaction) user.respondWith(503, 'Shutting Down')
    return left.length
  }

  /** RFC 3261 §16.11: the ACK to a 2xx is forwarded without state, along the Route that it carries. */
  ack(request: Message): void {
    if (this.callees.acknowledged(request) || this.ids.isTag(request.toTag)) return
    if (validate(request) !== undefined) return this.#count('stray_ack')
    const { ours, shift, uris } = takeOwnRoutes(request, this.#options.own)
    if (uris.length > 0) this.identities.arrived(request, uris)
    const raise = this.ackShifts.get(request) ?? shift
    const uri = ours ? nextHopOf(request, {}) : undefined
    if (uri === undefined) return this.#count('stray_ack')
    const hop = this.nextHop(uri, request.source as Flow)
    if (hop instanceof Promise)
      hop.then(
        (flow) => this.#sendAck(request, flow, raise),
        (error: Error) => this.noteSendFailure(error),
      )
    else this.#sendAck(request, hop, raise)
  }

  /** DEVIATES RFC 3261 §16.7 as RFC 6026 §7.3 asks: what belongs to no transaction of ours is dropped. */
  stray(): void {
    this.#count('stray_response')
  }

  #sendAck(request: Message, flow: Flow, shift: number): void {
    const out = { branchId: this.ids.branch('ack'), flow, shift, identities: this.identities }
    flow.local.send(forwardedRequest(request, {}, out).toWire(), flow.address, flow.port, undefined)
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
