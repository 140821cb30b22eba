/**
 * A user agent for tests: transactions, ids and the messages of RFC 3261 §8 and §12, on any socket, in memory or real. What it does when it is
 * called is `uas.ts`, how it calls is `uac.ts`.
 */
import { checkMessage } from '../message/check.ts'
import { Field } from '../message/field.ts'
import { H } from '../message/header-names.ts'
import { Message } from '../message/message.ts'
import { isMalformed, parseMessage } from '../message/parse.ts'
import { stampReceived } from '../message/via.ts'
import { Uri } from '../message/uri.ts'
import { Ids } from '../proxy/ids.ts'
import { randomPortion } from '../random.ts'
import type { Clock } from '../timers/clock.ts'
import { Timers } from '../timers/timers.ts'
import {
  TransactionLayer,
  type ClientUser,
  type ServerTransaction,
  type TransactionUser,
} from '../transaction/layer.ts'
import type { Flow, LocalSocket } from '../transport/flow.ts'
import type { Journal } from './journal.ts'

export interface RequestOptions {
  method: string
  ruri: string
  from: string
  to: string
  callId: string
  cseq: number
  route?: readonly string[]
  headers?: Record<string, string>
  body?: string
  /** RFC 3261 §9.1: a CANCEL shares the branch of its INVITE. */
  branch?: string
}

/** What an agent lives on. */
export interface AgentWorld {
  /** Opens its socket. */
  open(agent: Agent): LocalSocket
  readonly clock: Clock
  /** In its tags, branches and Call-IDs beside its address: with the same one they are the same in each run. */
  readonly salt?: string
}

export abstract class Agent implements TransactionUser {
  readonly local: LocalSocket
  readonly ids: Ids
  readonly timers: Timers
  readonly layer: TransactionLayer
  /** Every request that arrived once, in order, ACK and CANCEL included. */
  readonly received: Message[] = []
  /** Waits for an answer. In a simulation that is what makes time go on. */
  wait: <T>(promise: Promise<T>) => Promise<T> = (promise) => promise
  /** What happened around it, for the matchers. */
  journal: Journal | undefined

  constructor({ open, clock, salt = randomPortion(6).toString('hex') }: AgentWorld) {
    this.local = open(this)
    this.ids = new Ids(this.local.sentBy('').replace(/[^0-9a-z]/gi, '') + 'x' + salt)
    this.timers = new Timers(clock)
    this.layer = new TransactionLayer(this, this.timers)
  }

  get address(): string {
    return this.local.sentBy('')
  }

  get contact(): string {
    return `<sip:${this.address}>`
  }

  receive(bytes: Buffer, address: string, port: number): void {
    const flow: Flow = { transport: this.local.transport, address, port, local: this.local }
    const message = parseMessage(bytes, flow)
    if (isMalformed(message) || checkMessage(message) !== undefined) return
    if (!message.isRequest) return this.layer.receiveResponse(message)
    const stamped = stampReceived(message.topVia!, address, port)
    if (stamped !== undefined) message.replaceFirstValue(H.Via, stamped)
    this.layer.receiveRequest(message, flow)
  }

  admit(): undefined {}

  request(transaction: ServerTransaction): void {
    this.received.push(transaction.request)
    this.called(transaction)
  }

  cancel(transaction: ServerTransaction, invite: ServerTransaction | undefined): void {
    this.received.push(transaction.request)
    this.canceled(transaction, invite)
  }

  ack(request: Message): void {
    this.received.push(request)
    this.acknowledged(request)
  }

  stray(_response: Message): void {
    // A stray response is nobody's business (RFC 3261 §18.1.2).
  }

  protected abstract called(transaction: ServerTransaction): void
  protected abstract canceled(transaction: ServerTransaction, invite: ServerTransaction | undefined): void
  protected abstract acknowledged(request: Message): void

  makeRequest(options: RequestOptions): Message {
    const { method, ruri, body = '' } = options
    const request = Message.request(method, ruri)
    const add = (id: number, value: string): void => request.append(Field.make(id, value))
    add(H.Via, `SIP/2.0/UDP ${this.address};branch=${options.branch ?? this.ids.branch()};rport`)
    for (const route of options.route ?? []) add(H.Route, route)
    add(H.MaxForwards, '70')
    add(H.From, options.from)
    add(H.To, options.to)
    add(H.CallId, options.callId)
    add(H.CSeq, `${options.cseq} ${method}`)
    const headers = Object.entries(options.headers ?? {})
    const saysWhere = headers.some(([name]) => /^(contact|m)$/i.test(name))
    if (method !== 'CANCEL' && !saysWhere) add(H.Contact, this.contact)
    for (const [name, value] of headers) request.append(Field.named(0, name, value))
    request.body = body
    return request
  }

  /** Sends along the first Route, else to the Request-URI; `to` overrides both. */
  sendRequest(request: Message, user: ClientUser, to?: string): void {
    this.layer.send(request, request.topVia!.branch, this.flowTo(to ?? nextHop(request)), user)
  }

  /** An ACK to a 2xx, which is no transaction's business (RFC 3261 §13.2.2.4). */
  sendAck(request: Message): void {
    const { address, port } = this.flowTo(nextHop(request))
    this.local.send(request.toWire(), address, port, undefined)
  }

  protected flowTo(target: string): Flow {
    const uri = Uri.from(target)
    return { transport: this.local.transport, address: uri.host, port: uri.port ?? 5060, local: this.local }
  }
}

function nextHop(request: Message): string {
  return request.address(H.Route)?.uriBytes ?? request.requestUri
}
