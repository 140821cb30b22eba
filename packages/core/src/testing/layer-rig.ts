/** A transaction layer on a recording socket with a virtual clock, and users that write down what they hear. */
import type { TransactionTimes } from '../transaction/durations.ts'
import { Message } from '../message/message.ts'
import { isMalformed, parseText } from '../message/parse.ts'
import { makeResponse } from '../message/reply.ts'
import { Timers } from '../timers/timers.ts'
import {
  TransactionLayer,
  type ClientTransaction,
  type ClientUser,
  type ServerTransaction,
  type ServerUser,
  type TransactionUser,
} from '../transaction/layer.ts'
import { RecordingSocket } from './recording-socket.ts'
import { VirtualClock } from './virtual-clock.ts'

export interface RequestParts {
  method?: string
  ruri?: string
  /** The whole Via value. */
  via?: string
  branch?: string
  sentBy?: string
  from?: string
  to?: string
  callId?: string
  cseq?: number
  cseqMethod?: string
  /** More lines of the head. */
  lines?: readonly string[]
}

/** A well-formed request of a peer at 192.0.2.9. */
export function requestText(parts: RequestParts = {}): string {
  const { method = 'INVITE', ruri = 'sip:bob@example.net', branch = 'z9hG4bK1', sentBy = '192.0.2.9' } = parts
  const { via = `SIP/2.0/UDP ${sentBy};branch=${branch}`, from = '<sip:alice@example.org>;tag=a' } = parts
  const { to = '<sip:bob@example.net>', callId = 'call-1', cseq = 1, cseqMethod = method, lines = [] } = parts
  const head = [`Via: ${via}`, 'Max-Forwards: 70', `From: ${from}`, `To: ${to}`, `Call-ID: ${callId}`]
  return [`${method} ${ruri} SIP/2.0`, ...head, `CSeq: ${cseq} ${cseqMethod}`, ...lines, '', ''].join('\r\n')
}

/** The message that stands in `text`; throws when it is malformed. */
export function parsed(text: string): Message {
  const message = parseText(text)
  if (isMalformed(message)) throw new Error(`malformed: ${message.code} at ${message.offset}`)
  return message
}

export class LayerRig implements TransactionUser, ClientUser, ServerUser {
  readonly clock = new VirtualClock()
  readonly timers = new Timers(this.clock)
  readonly socket: RecordingSocket
  readonly layer: TransactionLayer
  /** Of each transaction: it lets go of it itself. */
  readonly #requests = new WeakMap<ClientTransaction | ServerTransaction, Message>()
  /** What users heard, in order: `request INVITE`, `180`, `timeout` … */
  readonly heard: string[] = []
  readonly servers: ServerTransaction[] = []
  #branches = 0

  constructor(options: { reliable?: boolean; times?: TransactionTimes } = {}) {
    this.socket = new RecordingSocket(this.clock, options)
    this.layer = new TransactionLayer(this, this.timers, options.times)
  }

  /** A request comes from the network. */
  receive(parts: RequestParts = {}): void {
    const flow = this.socket.flow()
    const request = parsed(requestText(parts))
    request.source = flow
    this.layer.receiveRequest(request, flow)
  }

  /** As `receive`, and gives the server transaction that it began. */
  serve(parts: RequestParts = {}): ServerTransaction {
    this.receive(parts)
    return this.servers.at(-1)!
  }

  /** Sends a request in a transaction of its own. */
  send(method = 'INVITE', lines: readonly string[] = [], user: ClientUser = this): ClientTransaction {
    const branch = `z9hG4bKours${++this.#branches}`
    const request = parsed(requestText({ method, branch, sentBy: this.socket.sentBy(), lines }))
    const client = this.layer.send(request, request.topVia!.branch, this.socket.flow(), user)
    this.#requests.set(client, request)
    return client
  }

  /** The peer answers what `send` sent. */
  answer(client: ClientTransaction, status: number, tag = 'b'): void {
    this.layer.receiveResponse(response(this.requestOf(client), status, tag))
  }

  admit(): undefined {}

  requestOf(transaction: ClientTransaction | ServerTransaction): Message {
    return this.#requests.get(transaction)!
  }

  request(transaction: ServerTransaction): void {
    this.#began(transaction, `request ${transaction.request.method}`)
  }

  cancel(transaction: ServerTransaction, invite: ServerTransaction | undefined): void {
    this.#began(transaction, `cancel of ${invite === undefined ? 'nothing' : invite.state}`)
  }

  ack(): void {
    this.heard.push('ack')
  }

  stray(message: Message): void {
    this.heard.push(`stray ${message.status}`)
  }

  response(message: Message): void {
    this.heard.push(String(message.status))
  }

  timeout(): void {
    this.heard.push('timeout')
  }

  transportError(_transaction: ClientTransaction, error: Error): void {
    this.heard.push(`transport error: ${error.message}`)
  }

  terminated(): void {
    this.heard.push('terminated')
  }

  #began(transaction: ServerTransaction, what: string): void {
    this.#requests.set(transaction, transaction.request)
    transaction.user = this
    this.servers.push(transaction)
    this.heard.push(what)
  }
}

export function response(request: Message, status: number, tag = 'b'): Message {
  return parsed(makeResponse(request, status, '', status === 100 ? '' : tag).toWire())
}
