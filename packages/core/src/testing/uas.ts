/** A carrier, or a phone that is called: what it does with a call is its behaviour (`behaviours.ts`). */
import { Field } from '../message/field.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import { makeResponse } from '../message/reply.ts'
import type { Clock } from '../timers/clock.ts'
import type { Timer, TimerOwner } from '../timers/timers.ts'
import type { ServerTransaction } from '../transaction/layer.ts'
import type { LocalSocket } from '../transport/flow.ts'
import { Agent } from './agent.ts'
import { Dialog } from './dialog.ts'

/** Decides what becomes of a request outside a dialog. */
export type Behaviour = (incoming: Incoming) => void

/** A carrier, or a phone that is called. */
export class Uas extends Agent {
  /** Of every call that was answered 2xx, in order. */
  readonly dialogs: Dialog[] = []
  /** Decides what becomes of a request within a dialog. */
  inDialog: Behaviour = (incoming) => incoming.answer(200)
  readonly #behaviour: Behaviour
  readonly #incoming = new Map<ServerTransaction, Incoming>()
  readonly #unacknowledged = new Map<string, Repeated2xx>()

  constructor(open: (agent: Agent) => LocalSocket, clock: Clock, behaviour: Behaviour) {
    super(open, clock)
    this.#behaviour = behaviour
  }

  /** Every request of this method, retransmissions absorbed. */
  requests(method: string): Message[] {
    return this.received.filter((request) => request.method === method)
  }

  protected called(transaction: ServerTransaction): void {
    const { request } = transaction
    if (request.toTag !== '') return this.inDialog(new Incoming(this, transaction))
    const incoming = new Incoming(this, transaction)
    this.#incoming.set(transaction, incoming)
    this.#behaviour(incoming)
  }

  protected canceled(transaction: ServerTransaction, invite: ServerTransaction | undefined): void {
    new Incoming(this, transaction).answer(invite === undefined ? 481 : 200)
    const incoming = invite && this.#incoming.get(invite)
    if (incoming !== undefined && !invite!.isFinal) incoming.answer(487)
  }

  protected acknowledged(request: Message): void {
    this.#unacknowledged.get(request.callId)?.stop()
    this.#unacknowledged.delete(request.callId)
  }

  /** RFC 3261 §13.3.1.4: the 2xx is repeated until its ACK. */
  repeat(transaction: ServerTransaction, response: Message): void {
    this.#unacknowledged.set(response.callId, new Repeated2xx(this, transaction, response))
  }
}

/** One request that arrived at a UAS. */
export class Incoming {
  readonly agent: Uas
  readonly request: Message
  readonly #transaction: ServerTransaction
  readonly #tag: string

  constructor(agent: Uas, transaction: ServerTransaction) {
    this.agent = agent
    this.request = transaction.request
    this.#transaction = transaction
    this.#tag = agent.ids.tag()
  }

  get isCanceled(): boolean {
    return this.#transaction.status === 487
  }

  /** Answers; a header with a list stands there once for each. A 2xx to an INVITE makes a dialog and is repeated until it is acknowledged. */
  answer(status: number, headers: Record<string, string | readonly string[]> = {}, body = ''): void {
    const response = makeResponse(this.request, status, '', this.#tag)
    if (status > 100 && status < 300) response.append(Field.make(H.Contact, this.agent.contact))
    for (const [name, values] of Object.entries(headers)) {
      for (const value of typeof values === 'string' ? [values] : values) response.append(Field.named(0, name, value))
    }
    if (body !== '') response.body = body
    const isCall = this.request.method === 'INVITE' && status >= 200 && status < 300
    const isOpen = !this.#transaction.isFinal
    this.#transaction.respond(response)
    if (!isCall || !isOpen) return
    this.agent.repeat(this.#transaction, response)
    if (this.request.toTag === '')
      this.agent.dialogs.push(Dialog.ofCallee(this.agent, this.request, response.value(H.To)!))
  }

  /** Answers a REGISTER: its Contacts are the bindings, not where we are. */
  accept(status: number, headers: Record<string, string | readonly string[]>): void {
    const response = makeResponse(this.request, status, '', this.#tag)
    for (const [name, values] of Object.entries(headers)) {
      for (const value of typeof values === 'string' ? [values] : values) response.append(Field.named(0, name, value))
    }
    this.#transaction.respond(response)
  }

  /** Does something later. */
  after(ms: number, act: () => void): void {
    const owner: TimerOwner = { timerFired: act }
    this.agent.timers.start(ms, 'behaviour', owner)
  }
}

class Repeated2xx implements TimerOwner {
  readonly #agent: Uas
  readonly #transaction: ServerTransaction
  readonly #response: Message
  #interval: number
  #waited = 0
  #timer: Timer

  constructor(agent: Uas, transaction: ServerTransaction, response: Message) {
    this.#agent = agent
    this.#transaction = transaction
    this.#response = response
    this.#interval = agent.layer.times.t1
    this.#timer = agent.timers.start(this.#interval, '2xx', this)
  }

  timerFired(): void {
    const { t1, t2 } = this.#agent.layer.times
    this.#waited += this.#interval
    if (this.#waited >= 64 * t1) return
    this.#transaction.respond(this.#response)
    this.#interval = Math.min(this.#interval * 2, t2)
    this.#timer = this.#agent.timers.start(this.#interval, '2xx', this)
  }

  stop(): void {
    this.#agent.timers.stop(this.#timer)
  }
}
