/**
 * The REGISTERs of one trunk (RFC 3261 §10.2): made, sent one after another with the same Call-ID and From tag and a CSeq that rises for ever. What
 * comes back is the registration's to read.
 */
import { isChallenge } from '../message/challenge-status.ts'
import { Field } from '../message/field.ts'
import { H, type HeaderId } from '../message/header-names.ts'
import { Message } from '../message/message.ts'
import type { Answer } from '../proxy/branch.ts'
import { answerAgain } from '../uac/auth.ts'
import { demandsOf } from '../uac/demands.ts'
import type { OwnPlan, OwnReply } from '../uac/own-request.ts'
import type { Account } from './account.ts'
import type { RegisterServices } from './services.ts'

export interface Register {
  readonly account: Account
  /** Seconds; 0 withdraws. */
  readonly expires: number
  /** Of the last REGISTER that was accepted. */
  readonly answers: readonly Answer[]
  /** Milliseconds for all of it. Default: long enough that each transaction ends by itself. */
  readonly timeout?: number
  /** `unanswered`: why a challenge was not answered; '' when there was none. */
  ended(reply: OwnReply, unanswered: string): void
}

/** Where Kamailio begins. */
const FIRST_CSEQ = 10

/** A new Call-ID before CSeq ends (RFC 3261 §8.1.1.5). */
const LAST_CSEQ = 2 ** 31 - 100

export class RegisterDialog {
  readonly #services: RegisterServices
  #callId = ''
  #tag = ''
  #cseq = LAST_CSEQ
  /** The registrar asks for every REGISTER, whatever it carries: nothing is answered before it does. */
  #isAlwaysAsked = false

  constructor(services: RegisterServices) {
    this.#services = services
  }

  send(register: Register): void {
    const { requests } = this.#services
    const { proxy, socket, contactAddress } = register.account
    const home = contactAddress === undefined ? requests.home(proxy, socket) : ''
    if (typeof home === 'string') return requests.send(this.#plan(register, home))
    this.#whenKnown(register, home)
  }

  /** Without an address of ours nothing is sent: what would be bound could not be called. */
  #whenKnown(register: Register, home: Promise<string>): void {
    const { requests, agenda } = this.#services
    let isOver = false
    const once = (act: () => void): void => {
      if (isOver) return
      isOver = true
      agenda.cancel(late)
      act()
    }
    const refuse = (why: string): void => once(() => requests.refuse(this.#plan(register, 'none.invalid'), 503, why))
    const late = agenda.after(64 * requests.t1, () => refuse('the look-up of its name does not end'))
    home.then(
      (address) => once(() => requests.send(this.#plan(register, address))),
      (error: Error) => refuse(error.message),
    )
  }

  #plan(register: Register, home: string): OwnPlan {
    const { requests, counts, hooks } = this.#services
    const { account, timeout = 192 * requests.t1 } = register
    const answers = this.#isAlwaysAsked ? [] : register.answers
    const request = this.#make(register, home)
    const of = { method: 'REGISTER', uri: request.requestUri, body: '' }
    const { leaving, ended } = hooks()
    let unanswered = ''
    return {
      request,
      socket: account.socket,
      auth: account.credentials,
      answers: answers.map((answer) => answerAgain(answer, of, counts)),
      counts,
      timeout,
      ...(leaving && { leaving }),
      unanswered: (reason) => (unanswered = reason),
      ended: (reply) => {
        ended?.()
        this.#cseq = Math.max(this.#cseq, reply.request.cseq?.number ?? 0)
        if (!asksForTheSame(reply)) return register.ended(reply, unanswered)
        this.#isAlwaysAsked = true
        this.send(register)
      },
    }
  }

  #make({ account, expires }: Register, home: string): Message {
    this.#next()
    const request = Message.request('REGISTER', account.registrar.bytes)
    const add = (id: HeaderId, value: string): void => request.append(Field.make(id, value))
    add(H.To, `<${account.remote.bytes}>`)
    add(H.From, `<${account.remote.bytes}>;tag=${this.#tag}`)
    add(H.CSeq, `${this.#cseq} REGISTER`)
    add(H.CallId, this.#callId)
    add(H.MaxForwards, '70')
    add(H.ContentLength, '0')
    add(H.Contact, `<${account.contact(home)}>`)
    add(H.Expires, String(expires))
    request.nextHop = account.proxy
    return request
  }

  #next(): void {
    if (++this.#cseq < LAST_CSEQ) return
    const { names } = this.#services.requests
    this.#callId = names.callId()
    this.#tag = names.tag()
    this.#cseq = FIRST_CSEQ
  }
}

/** It was not the password that was refused, but that it came before the question: the nonce is the one that was accepted last time. */
function asksForTheSame({ response, isLocal, answers }: OwnReply): boolean {
  if (isLocal || !isChallenge(response.status)) return false
  const demands = demandsOf(response)
  if (typeof demands === 'string') return false
  const nonces = new Set(demands.flatMap(({ challenges }) => challenges.map(({ nonce }) => nonce)))
  return answers.some(({ nonce, isAgain = false }) => isAgain && nonces.has(nonce))
}
