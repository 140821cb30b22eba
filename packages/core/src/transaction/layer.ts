/**
 * The transaction layer (RFC 3261 §17): finds the transaction of a message, runs its machine, and performs the effects. The only
 * state is the two tables; sockets and time are handed in. What is a request's and what is a response's next step is the user's to
 * decide (proxy/).
 */
import { flat } from '../message/chars.ts'
import { Message } from '../message/message.ts'
import { Timed, type Timer, type Timers } from '../timers/timers.ts'
import type { Flow, Sender } from '../transport/flow.ts'
import { responseFlow } from '../transport/response-flow.ts'
import { ackWire } from './ack-and-cancel.ts'
import {
  inviteClient,
  inviteServer,
  nonInviteClient,
  nonInviteServer,
  type Effect,
  type Machine,
  type Rule,
} from './machines.ts'
import { defaultTimes, durations, type TimerEffect, type TransactionTimes } from './durations.ts'
import { clientHash, serverHash, serverKey } from './matching.ts'
import { Table, type Entry } from './table.ts'
import { Tally } from './tally.ts'

/** Who hears of requests that begin something. */
export interface TransactionUser {
  /** Turns a request away before it costs a transaction: the response to send (RFC 3261 §8.2.7), or undefined to let it in. */
  admit(request: Message): Message | undefined
  /** A request that no transaction knew. */
  request(transaction: ServerTransaction): void
  /** A CANCEL, with its own transaction, and the INVITE transaction it is about if there is one. */
  cancel(transaction: ServerTransaction, invite: ServerTransaction | undefined): void
  /** An ACK that belongs to no transaction: it acknowledges a 2xx (RFC 3261 §13.2.2.4). */
  ack(request: Message, flow: Flow): void
  /** A response that matches no transaction. */
  stray(response: Message): void
}

/** Who started a client transaction. */
export interface ClientUser {
  response(response: Message, transaction: ClientTransaction): void
  /** Timer B or F: nobody answered. */
  timeout(transaction: ClientTransaction): void
  transportError(transaction: ClientTransaction, error: Error): void
  /** The transaction has left the table; nothing will come of it any more. */
  ended?(): void
}

/** Who answers a server transaction. */
export interface ServerUser {
  /** The transaction has left the table; nothing will come of it any more. */
  terminated(transaction: ServerTransaction): void
}

/** As a timer it is the one that ends its state; a state has at most one. */
abstract class Transaction extends Timed implements Sender, Entry {
  readonly layer: TransactionLayer
  readonly machine: Machine
  readonly hash: number
  /** Let go once it is answered: a transaction that only waits needs its last message at most. */
  request: Message
  readonly flow: Flow
  state: string
  /** Timers A, E, G. */
  resending: Timer | undefined
  /** How often timer A, E or G has been started, for its doubling. */
  resends: number
  /** What `resend` sends. */
  wire: string

  constructor(layer: TransactionLayer, machine: Machine, hash: number, request: Message, flow: Flow) {
    super()
    this.layer = layer
    this.machine = machine
    this.hash = hash
    this.request = request
    this.flow = flow
    this.state = ''
    this.resending = undefined
    this.resends = 0
    this.wire = ''
  }

  get isInvite(): boolean {
    return this.machine === inviteClient || this.machine === inviteServer
  }

  abstract fits(message: Message, method: string): boolean
  abstract terminated(): void

  timerFired(name: string): void {
    this.layer.step(this, name, undefined)
  }

  sendFailed(error: Error): void {
    this.layer.step(this, 'transportError', undefined, error)
  }
}

export class ClientTransaction extends Transaction {
  /** Who hears of what is still to come; replaced when that has become less. */
  user: ClientUser
  readonly method: string
  readonly branch: string

  constructor(
    layer: TransactionLayer,
    machine: Machine,
    branch: string,
    request: Message,
    flow: Flow,
    user: ClientUser,
  ) {
    super(layer, machine, clientHash(branch), request, flow)
    this.branch = branch
    this.user = user
    this.method = request.method
  }

  /** RFC 3261 §17.1.3: branch and CSeq method both have to fit. */
  fits(response: Message, method: string): boolean {
    return this.method === method && this.branch === response.topVia!.branch
  }

  terminated(): void {
    this.user.ended?.()
  }

  /** Sends no more copies of the request; the answer is waited for as before. */
  stopResending(): void {
    this.layer.timers.stop(this.resending)
    this.resending = undefined
  }

  /** Ends an INVITE that waits for its final answer. The user, who asks for it, is not told. */
  abandon(): void {
    this.layer.step(this, 'abandon', undefined)
  }
}

export class ServerTransaction extends Transaction {
  user: ServerUser | undefined
  readonly key: string
  /** The status last sent upstream, 0 before any. */
  status: number
  /** Ended without an answer. */
  dropped: boolean

  constructor(layer: TransactionLayer, machine: Machine, hash: number, request: Message, flow: Flow) {
    super(layer, machine, hash, request, flow)
    this.key = serverKey(request, request.method)
    this.user = undefined
    this.status = 0
    this.dropped = false
  }

  fits(request: Message, method: string): boolean {
    return this.key === serverKey(request, method)
  }

  terminated(): void {
    this.user?.terminated(this)
  }

  /** No answer is owed any more. */
  get isFinal(): boolean {
    return this.status >= 200 || this.dropped
  }

  /** Ends without an answer. */
  drop(): void {
    if (!this.isFinal) this.layer.answered()
    this.dropped = true
    this.layer.step(this, 'drop', undefined)
  }

  /** Sends the user's response (RFC 3261 §17.2). What the state does not allow any more is ignored. */
  respond(response: Message): void {
    const { status } = response
    const event = status < 200 ? 'send1xx' : status < 300 ? 'send2xx' : 'send300-699'
    this.layer.step(this, event, response)
  }
}

export class TransactionLayer {
  readonly times: TransactionTimes
  readonly timers: Timers
  readonly #user: TransactionUser
  readonly #clients = new Table<ClientTransaction>()
  readonly #servers = new Table<ServerTransaction>()
  /** By address; no larger than the table above. */
  readonly #sources = new Tally()
  #unanswered = 0

  constructor(user: TransactionUser, timers: Timers, times: TransactionTimes = defaultTimes) {
    this.#user = user
    this.timers = timers
    this.times = times
  }

  get clients(): number {
    return this.#clients.size
  }

  get servers(): number {
    return this.#servers.size
  }

  /** Server transactions begun from this address. */
  fromSource(address: string): number {
    return this.#sources.get(address)
  }

  /** Server transactions that still owe a final answer, in an order that chance has no part in. */
  open(): ServerTransaction[] {
    const open = this.#servers.values().filter((transaction) => !transaction.isFinal)
    return open.sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  unanswered(): number {
    return this.#unanswered
  }

  /** One of them has its answer, or never will. */
  answered(): void {
    this.#unanswered--
  }

  /** A request from the network. It has passed `checkMessage`. */
  receiveRequest(request: Message, flow: Flow): void {
    const method = request.method
    const ofMethod = method === 'ACK' ? 'INVITE' : method
    const hash = serverHash(request, ofMethod)
    const known = this.#servers.get(hash, request, ofMethod)
    if (known !== undefined) return this.step(known, method === 'ACK' ? 'ACK' : 'request', request)
    if (method === 'ACK') return this.#user.ack(request, flow)
    const reply = responseFlow(request.topVia!, flow)
    // A CANCEL of what is here frees more than it costs: it is always let in.
    const invite = method === 'CANCEL' ? this.#servers.get(serverHash(request, 'INVITE'), request, 'INVITE') : undefined
    const refusal = invite === undefined ? this.#user.admit(request) : undefined
    if (refusal !== undefined) {
      reply.local.send(refusal.toWire(), reply.address, reply.port, undefined)
      return
    }
    const machine = method === 'INVITE' ? inviteServer : nonInviteServer
    const transaction = new ServerTransaction(this, machine as Machine, hash, request, reply)
    this.#servers.add(transaction)
    this.#unanswered++
    this.#sources.add(reply.address)
    this.#enter(transaction, machine.begin, undefined, undefined)
    if (method === 'CANCEL') this.#user.cancel(transaction, invite)
    else this.#user.request(transaction)
  }

  /** A response from the network. It has passed `checkMessage`. */
  receiveResponse(response: Message): void {
    const { method } = response
    const transaction = this.#clients.get(clientHash(response.topVia!.branch), response, method)
    if (transaction === undefined) return this.#user.stray(response)
    const { status } = response
    this.step(transaction, status < 200 ? '1xx' : status < 300 ? '2xx' : '300-699', response)
  }

  /** Sends a request, whose top Via is ours and has this branch, in a new client transaction. */
  send(request: Message, branch: string, flow: Flow, user: ClientUser): ClientTransaction {
    const { method } = request
    const machine = method === 'INVITE' ? inviteClient : nonInviteClient
    const transaction = new ClientTransaction(this, machine as Machine, branch, request, flow, user)
    transaction.wire = request.toWire()
    this.#clients.add(transaction)
    this.#enter(transaction, machine.begin, undefined, undefined)
    transmit(transaction)
    return transaction
  }

  /** One step of a machine: an event comes in, the rule's effects are performed. */
  step(transaction: Transaction, event: string, message: Message | undefined, error?: Error): void {
    const rule = transaction.machine.rules[transaction.state]?.[event]
    if (rule !== undefined) this.#enter(transaction, rule, message, error)
  }

  #enter(transaction: Transaction, rule: Rule, message: Message | undefined, error: Error | undefined): void {
    const left = transaction.state
    transaction.state = rule.to
    if (rule.to === 'terminated' && left !== 'terminated') this.#remove(transaction)
    for (const effect of rule.effects) this.#perform(transaction, effect, message, error)
    if (rule.to !== left) release(transaction)
    if (rule.to === 'terminated' && left !== 'terminated') transaction.terminated()
  }

  #perform(transaction: Transaction, effect: Effect, message: Message | undefined, error: Error | undefined): void {
    switch (effect) {
      case 'resend':
        if (transaction.wire !== '') transmit(transaction)
        break
      case 'send':
        answer(transaction as ServerTransaction, message!)
        break
      case 'ack':
        this.#acknowledge(transaction as ClientTransaction, message!)
        break
      case 'pass':
        this.#pass(transaction, message!)
        break
      case 'timeout':
        if (transaction instanceof ClientTransaction) transaction.user.timeout(transaction)
        break
      case 'transportError':
        if (transaction instanceof ClientTransaction) transaction.user.transportError(transaction, error!)
        break
      case 'stopResending':
        this.timers.stop(transaction.resending)
        transaction.resending = undefined
        break
      case 'startA':
      case 'startB':
      case 'startD':
      case 'startE':
      case 'startF':
      case 'startG':
      case 'startH':
      case 'startI':
      case 'startJ':
      case 'startK':
      case 'startL':
      case 'startM':
      case 'slowE':
        this.#startTimer(transaction, effect)
        break
    }
  }

  #startTimer(transaction: Transaction, effect: TimerEffect): void {
    const { timer, resends, ms } = durations[effect]
    const { reliable } = transaction.flow.local
    if (!resends) {
      this.timers.restart(transaction, ms(this.times, reliable, 0), timer)
    } else if (!reliable) {
      transaction.resending = this.timers.start(ms(this.times, reliable, transaction.resends), timer, transaction)
      transaction.resends++
    }
  }

  #pass(transaction: Transaction, message: Message): void {
    if (transaction instanceof ClientTransaction) transaction.user.response(message, transaction)
    // RFC 6026 §7.1: an ACK that shares the INVITE's branch belongs to the 2xx all the same.
    else this.#user.ack(message, message.source as Flow)
  }

  /** The ACK is made once: from then on it is the last message of the transaction. */
  #acknowledge(transaction: ClientTransaction, response: Message): void {
    if (transaction.request !== released) transaction.wire = ackWire(transaction.request, response)
    transmit(transaction)
  }

  #remove(transaction: Transaction): void {
    this.timers.stop(transaction.resending)
    this.timers.stop(transaction)
    transaction.resending = undefined
    if (transaction instanceof ClientTransaction) this.#clients.delete(transaction)
    else {
      const { flow, isFinal } = transaction as ServerTransaction
      this.#servers.delete(transaction as ServerTransaction)
      this.#sources.remove(flow.address)
      if (!isFinal) this.answered()
    }
  }
}

/** Stands in for a request that its transaction needs no more. */
const released = Message.request('', '')

/** What waits for 32 s, or for strays, holds no more than it may have to send again. */
function release(transaction: Transaction): void {
  const { state } = transaction
  if (state === 'calling' || state === 'trying' || state === 'proceeding') return
  transaction.request = released
  const isSilent = state === 'accepted' || (state === 'completed' && transaction.machine === nonInviteClient)
  transaction.wire = isSilent ? '' : flat(transaction.wire)
}

function answer(transaction: ServerTransaction, response: Message): void {
  transaction.wire = response.toWire()
  if (!transaction.isFinal && response.status >= 200) transaction.layer.answered()
  transaction.status = response.status
  transmit(transaction)
}

function transmit(transaction: Transaction): void {
  const { flow } = transaction
  flow.local.send(transaction.wire, flow.address, flow.port, transaction)
}
