/**
 * One trunk: its row, its state, its binding. Performs the effects of `machine.ts`: REGISTERs by RFC 3261 §10.2, one at a time, with one Call-ID and
 * a CSeq that only rises. How long, how soon and whether the answer is ours is in `timing.ts` and `binding.ts`.
 */
import { flat, toUnicode } from '../message/chars.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { Answer } from '../proxy/branch.ts'
import { ownAnswer } from '../uac/auth.ts'
import type { OwnReply } from '../uac/own-request.ts'
import type { Account } from './account.ts'
import type { Appointment } from './agenda.ts'
import { grantedBy, minExpiresOf, retryAfterOf, UNCERTAIN, type Grant } from './binding.ts'
import { fingerprint, type TrunkRow } from './columns.ts'
import { failureOf, isRefusal, realmsOf, unusable } from './failure.ts'
import { Lease } from './lease.ts'
import { trunkMachine, type TrunkEffect, type TrunkEvent, type TrunkState } from './machine.ts'
import type { Pace, Waiting } from './pace.ts'
import { RegisterDialog } from './register-dialog.ts'
import type { RegisterServices } from './services.ts'
import { refreshAfter, retryAfter } from './timing.ts'

/** A binding that is given up is withdrawn so long, in milliseconds: its registrar may be why. */
const PARTING = 8_000

export interface TrunkServices extends RegisterServices {
  readonly pace: Pace
  /** Seconds; 0: a failure ends it. */
  readonly settings: { readonly retryInterval: number }
  readonly random: () => number
  /** Something has happened to it; mostly, that it has changed its state. */
  changed(trunk: Registration, from: TrunkState, to: TrunkState): void
  /** Its row has taken the place of the one before. */
  adopted(): void
  /** Removed, and withdrawn. */
  gone(trunk: Registration): void
}

export class Registration implements Waiting {
  readonly #services: TrunkServices
  row: TrunkRow
  /** What the row is compared by. */
  fingerprint: string
  /** Undefined when the row cannot be used: `reason` says why. */
  account: Account | undefined
  state: TrunkState = 'idle'
  /** Why it is not as it should be; '' when it is. */
  reason = ''
  /** What is to be known of it though all is well; '' for nothing. */
  note = ''
  /** The last answer, as `403 Forbidden`; '' before there was one. */
  lastAnswer = ''
  /** What the last challenge named. */
  askedRealms: readonly string[] = []
  /** The address that answers for the registrar. */
  peer: string | undefined
  /** What was granted last, in seconds. */
  granted: number | undefined
  /** When the next REGISTER is due, on the agenda's clock. */
  nextAt: number | undefined
  readonly since: number
  readonly #dialog: RegisterDialog
  #answers: readonly Answer[] = []
  #expires: number
  #timer: Appointment | undefined
  readonly #lease: Lease
  /** What is out, and for whom. */
  #open: 'register' | 'withdraw' | undefined
  #openFor: Account | undefined
  /** What waits for its end: there are never two. */
  #deferred: 'register' | 'withdraw' | undefined
  #sentAt = 0
  #failures = 0
  #retryAfter: number | undefined
  #isRefused = false
  /** 423 was heeded in this attempt. */
  #hasLengthened = false
  /** The row that takes this one's place when what is bound has been withdrawn. */
  #next: { row: TrunkRow; account: Account | string } | undefined
  #parting: 'no' | 'moving' | 'removed' = 'no'
  #isClosed = false

  constructor(services: TrunkServices, row: TrunkRow, account: Account | string) {
    this.#services = services
    this.row = row
    this.fingerprint = fingerprint(row)
    this.#expires = row.expires
    this.#dialog = new RegisterDialog(services)
    this.#lease = new Lease(services.agenda, () => this.tell('lapse'))
    this.since = services.agenda.now()
    this.#take(account)
  }

  /** Its first REGISTER, after its delay. */
  begin(): void {
    if (this.account === undefined) return
    if ((this.row.flags & 1) !== 0) return this.#halt('disabled by the flags of its row')
    if (this.row.expires === 0) return void (this.reason = 'expires is 0: it is never registered')
    const { reg_delay: delay } = this.row
    if (delay > 0) this.#startTimer(delay * 1_000)
    else this.tell('timer')
  }

  /** When the binding lapses, on the agenda's clock. */
  get boundUntil(): number | undefined {
    return this.#lease.until
  }

  get isBound(): boolean {
    return this.#lease.until !== undefined
  }

  /** Bound, or so it may be: an answer is awaited, or was lost, or named nothing of ours. */
  get mayBeBound(): boolean {
    return this.#open !== undefined || this.#lease.isPossible
  }

  /** Whether something is out. */
  get isOpen(): boolean {
    return this.#open !== undefined
  }

  /** Removed, with nothing left to withdraw. */
  get isGone(): boolean {
    return this.#parting === 'removed' && this.state === 'disabled' && this.#open === undefined
  }

  get hasTimerOrTurn(): boolean {
    return this.#timer?.act !== undefined || this.#open !== undefined || this.#services.pace.has(this)
  }

  /** What an operator or a route asks for; otherwise why it cannot be. */
  command(event: 'enable' | 'disable' | 'register' | 'unregister'): string | undefined {
    if (this.account === undefined) return this.reason
    if (this.#parting !== 'no') return `what it was before is being withdrawn: ${this.reason}`
    if ((event === 'register' || event === 'enable') && this.row.expires === 0) return 'expires of its row is 0'
    if (event === 'enable' || event === 'register') this.#failures = 0
    const next = trunkMachine[this.state][event].to
    if (next === 'disabled') this.reason = 'disabled by command'
    if (next === 'unregistering') this.reason = 'unregistered by command'
    if (next === 'idle') this.reason = ''
    this.tell(event)
    return undefined
  }

  /** The row has changed: what is bound elsewhere is withdrawn first, the rest goes on with the same Call-ID. */
  change(row: TrunkRow, account: Account | string): void {
    const before = this.account
    this.fingerprint = fingerprint(row)
    const isMoving = before !== undefined && (typeof account === 'string' || before.binding !== account.binding)
    if (isMoving && this.mayBeBound) {
      this.#next = { row, account }
      this.#part('moving', typeof account === 'string' ? unusable(account) : 'its row has changed')
    } else this.#adopt(row, account)
  }

  /** The row is gone: what is bound is withdrawn, once. */
  remove(): void {
    if (this.account === undefined || !this.mayBeBound) {
      this.#parting = 'removed'
      return this.#halt('its row was removed')
    }
    this.#next = undefined
    this.#part('removed', 'its row was removed')
  }

  /** The proxy stops. Says whether a binding, or what may become one, is withdrawn first. */
  stop(withdraws: boolean): boolean {
    if (withdraws && this.account !== undefined && this.mayBeBound) {
      this.#part('removed', 'the proxy stops')
      return true
    }
    this.close()
    return false
  }

  /** Nothing happens any more. */
  close(): void {
    this.#isClosed = true
    this.#rest()
    this.#lease.stop()
  }

  hasTurn(): void {
    if (this.#deferred === undefined || this.#open !== undefined) this.tell('slot')
    else this.#send(this.#deferred)
  }

  tell(event: TrunkEvent): void {
    if (this.#isClosed) return
    const from = this.state
    const { to, effects } = trunkMachine[from][event]
    this.state = to
    for (const effect of effects) this.#perform(effect)
    // An effect may have gone on from there, and has told of it.
    if (this.state === to) this.#services.changed(this, from, to)
    this.#parted()
  }

  #perform(effect: TrunkEffect): void {
    if (effect === 'queue') this.#queue()
    else if (effect === 'rest') this.#rest()
    else if (effect === 'send') this.#send('register')
    else if (effect === 'withdraw') this.#send('withdraw')
    else if (effect === 'bind') this.#bind()
    else if (effect === 'unbind') this.#lease.end()
    else if (effect === 'startRefresh') this.#startRefresh()
    else this.#startRetry()
  }

  #queue(): void {
    if (this.account === undefined || (this.row.expires === 0 && this.state !== 'unregistering')) return
    this.nextAt = undefined
    this.#services.pace.ask(this, this.isBound)
  }

  #rest(): void {
    const { agenda, pace } = this.#services
    agenda.cancel(this.#timer)
    this.#timer = undefined
    this.#deferred = undefined
    this.nextAt = undefined
    pace.leave(this)
  }

  #startTimer(ms: number): void {
    const { agenda } = this.#services
    agenda.cancel(this.#timer)
    this.nextAt = agenda.now() + ms
    this.#timer = agenda.after(ms, () => this.tell('timer'))
  }

  #startRefresh(): void {
    this.#failures = 0
    const { agenda, random } = this.#services
    const elapsed = agenda.now() - this.#sentAt
    this.#startTimer(Math.max(500, refreshAfter(this.granted!, random) - elapsed))
  }

  #startRetry(): void {
    const { agenda, settings, random } = this.#services
    this.#failures++
    const left = this.boundUntil === undefined ? undefined : this.boundUntil - agenda.now()
    const setback = { failures: this.#failures, retryAfter: this.#retryAfter, isRefused: this.#isRefused, left }
    this.#startTimer(retryAfter({ base: settings.retryInterval, ...setback }, random))
  }

  /** From when it was asked for: the registrar cannot have begun earlier. */
  #bind(): void {
    this.#lease.begin(this.#sentAt + this.granted! * 1_000)
  }

  #send(what: 'register' | 'withdraw'): void {
    if (this.#open !== undefined) {
      this.#deferred = what
      return
    }
    const { agenda } = this.#services
    this.#open = what
    this.#openFor = this.account
    this.#sentAt = agenda.now()
    this.#hasLengthened = false
    this.#deferred = undefined
    this.#sendNow()
  }

  #sendNow(): void {
    const isWithdrawal = this.#open === 'withdraw'
    this.#dialog.send({
      account: this.#openFor!,
      expires: isWithdrawal ? 0 : this.#expires,
      answers: this.#answers,
      ...(isWithdrawal && this.#parting !== 'no' && { timeout: PARTING }),
      ended: (reply, unanswered) => this.#ended(reply, unanswered),
    })
  }

  #ended(reply: OwnReply, unanswered: string): void {
    const what = this.#open!
    const { response } = reply
    if (this.#isClosed) return
    if (what === 'register' && this.#lengthens(response)) return this.#sendNow()
    this.#open = undefined
    this.#note(reply)
    if (what === 'withdraw' && response.status < 300) this.#lease.withdrawn()
    if (what === 'register') this.#registered(reply, unanswered)
    else this.tell(response.status < 300 ? 'withdrawn' : this.#notWithdrawn(reply, unanswered))
    // Past neither `reg_active 0` nor the rate.
    if (this.#deferred !== undefined && this.#open === undefined) this.#services.pace.ask(this, this.isBound)
    this.#parted()
  }

  #note({ response, isLocal, answers }: OwnReply): void {
    const { status, reason } = response
    this.lastAnswer = isLocal ? (status === 408 ? 'no answer' : 'not sent') : flat(`${status} ${toUnicode(reason)}`)
    if (!isLocal && response.source !== undefined) this.peer = response.source.address
    const kept = status < 300 ? answers.map((answer) => ownAnswer(answer)) : []
    const realms = status < 300 ? kept.map(({ realm }) => toUnicode(realm)) : realmsOf(response)
    if (realms.length > 0) this.askedRealms = realms
    // RFC 3261 §22.2: what was accepted answers the next request before it is asked, unless the row has other credentials by now.
    if (!isLocal) this.#answers = this.account === this.#openFor ? kept : []
  }

  #registered({ request, response, isLocal, error }: OwnReply, unanswered: string): void {
    const granted = isLocal ? '' : this.#grantedBy(request, response)
    this.#retryAfter = isLocal ? undefined : retryAfterOf(response)
    this.#isRefused = isRefusal({ response, isLocal })
    if (typeof granted !== 'string') {
      this.granted = granted.seconds
      this.note = granted.isCertain ? '' : UNCERTAIN
      if (this.state === 'registering' || this.state === 'refreshing') this.reason = ''
      // What is to be sent next is asked for already.
      if (this.#deferred === undefined) return this.tell('granted')
      return this.#bind()
    }
    // An answer that was lost may have been a 200, and one that names nothing of ours was one.
    const isPerhapsBound = isLocal ? response.status === 408 : response.status < 300
    if (isPerhapsBound) this.#lease.begunPerhaps(this.#expires)
    if (this.#deferred !== undefined) return
    if (this.state === 'registering' || this.state === 'refreshing') {
      this.reason = granted || failureOf({ response, isLocal, error, unanswered, account: this.#openFor! })
    }
    this.tell(this.#services.settings.retryInterval > 0 ? 'failed' : 'refused')
  }

  #grantedBy(request: Message, response: Message): Grant | string {
    const { status } = response
    if (status < 200 || status >= 300) return ''
    return grantedBy(response, request.address(H.Contact), this.#openFor!, this.#expires)
  }

  #notWithdrawn({ response, isLocal, error }: OwnReply, unanswered: string): TrunkEvent {
    const why = failureOf({ response, isLocal, error, unanswered, account: this.#openFor! })
    this.reason += `, but could not be withdrawn: ${why}`
    return 'notWithdrawn'
  }

  /** RFC 3261 §10.2.8: 423 says what it would take; it is asked for at once, once. */
  #lengthens(response: Message): boolean {
    if (response.status !== 423 || this.#hasLengthened || this.#deferred !== undefined) return false
    const wanted = minExpiresOf(response, this.#expires)
    if (wanted === undefined) return false
    this.#hasLengthened = true
    this.#expires = wanted
    return true
  }

  #part(how: 'moving' | 'removed', why: string): void {
    this.#parting = how
    this.reason = why
    this.tell('unregister')
  }

  /** What parts is withdrawn, or could not be. */
  #parted(): void {
    if (this.#parting === 'no' || this.state !== 'disabled' || this.#open !== undefined) return
    if (this.#parting === 'moving' && this.#next !== undefined) {
      const { row, account } = this.#next
      this.#adopt(row, account)
    } else if (this.#parting === 'removed') this.#services.gone(this)
  }

  #adopt(row: TrunkRow, account: Account | string): void {
    this.#parting = 'no'
    this.#next = undefined
    this.row = row
    this.#expires = row.expires
    this.#answers = []
    this.#failures = 0
    this.reason = ''
    this.#take(account)
    this.#services.adopted()
    if (this.account === undefined) return
    if ((row.flags & 1) !== 0) this.#halt('disabled by the flags of its row')
    else if (row.expires === 0) this.#stopRegistering()
    else if (this.state === 'unregistering' || this.state === 'disabled') this.tell('enable')
    // What is out says what the row said before.
    else if (this.state === 'registering' || this.state === 'refreshing') this.#deferred = 'register'
    else this.tell('register')
  }

  #take(account: Account | string): void {
    this.account = typeof account === 'string' ? undefined : account
    if (typeof account === 'string') this.#halt(unusable(account))
  }

  #stopRegistering(): void {
    const why = 'expires is 0: it is never registered'
    // What is out may be granted still.
    if (!this.mayBeBound) return this.#halt(why)
    this.reason = why
    this.tell('unregister')
  }

  #halt(reason: string): void {
    this.reason = reason
    if (this.state === 'disabled') this.#parted()
    else this.tell('disable')
  }
}
