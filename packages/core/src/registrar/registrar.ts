/**
 * The registrar (RFC 3261 §10.3) and the location service (§16.5) in one: what a REGISTER is answered, and where the contacts of an address are. It
 * belongs to the core: a reload of routes does not touch it.
 */
import { flat } from '../message/chars.ts'
import { H, type HeaderId } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { Uri } from '../message/uri.ts'
import type { Clock } from '../timers/clock.ts'
import { randomPortion, type RandomBytes } from '../random.ts'
import { aorOf, type AorRules } from './aor.ts'
import type { Binding } from './binding.ts'
import { wantedContacts } from './contacts.ts'
import { Location } from './location.ts'
import { LocationTable, type LocationStore } from './location-table.ts'
import { ReadBack } from './read-back.ts'
import { refusal, type Refusal } from './refusal.ts'
import { register, type Registered, type Registration } from './register.ts'
import type { Moment } from './rows.ts'
import type { RegistrarRules } from './rules.ts'
import { targetsOf, type ContactTarget } from './targets.ts'
import { WriteBehind } from './write-behind.ts'

export interface RegistrarOptions {
  readonly rules: RegistrarRules
  isOwnAddress(host: string): boolean
  readonly clock: Clock
  /** Milliseconds since 1970. */
  calendar(): number
  /** Undefined: memory alone. */
  readonly store?: LocationStore | undefined
  /** Told of each address of which the contacts have changed. */
  changed?(aorKey: string): void
  /** What is to be awaited before a REGISTER is answered: that the other workers know of it. */
  telling?(): Promise<unknown> | undefined
  /** Where this is a copy of another worker's: what is to be awaited before contacts are asked for. It takes no REGISTER. */
  readonly original?: { ready(): Promise<void> | undefined } | undefined
  /** Of the ids of contacts. Default: the system's. */
  readonly random?: RandomBytes | undefined
  readonly log: { info(message: string): void; warn(message: string): void }
}

/** What is answered, as far as it is this registrar's to say. */
export interface RegistrarAnswer {
  readonly status: number
  /** '': the usual one. */
  readonly reason: string
  readonly headers: readonly (readonly [HeaderId, string])[]
}

const RUIDS = 'signalbox-'
/** RFC 3261 §20.33, in seconds: for a registrar that is full. */
const RETRY = 60
/** What Kamailio's columns hold. */
const LONGEST = 255
/** How long what waits may be written at the end, in milliseconds. */
const LAST = 2_000

export class Registrar {
  readonly location: Location
  readonly #options: RegistrarOptions
  readonly #aorRules: AorRules
  readonly #writeBehind: WriteBehind | undefined
  readonly #readBack: ReadBack | undefined
  readonly #ruids: string
  #dated = { second: NaN, text: '' }
  #made = 0

  constructor(options: RegistrarOptions) {
    const { rules, clock, store, log, random = randomPortion } = options
    this.#options = options
    this.#ruids = `${RUIDS}${random(6).toString('hex')}-`
    this.#aorRules = { useDomain: rules.useDomain, isOwnAddress: (host) => options.isOwnAddress(host) }
    const table = store && new LocationTable(store)
    const now = (): Moment => this.now()
    const warn = (message: string): void => log.warn(message)
    this.#writeBehind = table && new WriteBehind({ table, clock, now, warn, limit: rules.bindings })
    this.location = new Location(clock, this.#writeBehind, options.changed)
    const parts = table && this.#writeBehind && { table, writeBehind: this.#writeBehind, location: this.location }
    const readRules = { ...this.#aorRules, bindings: rules.bindings }
    this.#readBack = parts && new ReadBack({ ...parts, rules: readRules, clock, now, ownRuids: RUIDS, log })
  }

  now(): Moment {
    return { clock: this.#options.clock.now(), calendar: this.#options.calendar() }
  }

  /** Changes that are not in the table yet. */
  get unwritten(): number {
    return this.#writeBehind?.size ?? 0
  }

  /** What is to be awaited before the other methods are called, if anything: the table is read back on the first call. */
  ready(): Promise<void> | undefined {
    return (this.#options.original ?? this.#readBack)?.ready()
  }

  /** Takes a REGISTER, or does not. `socket` is the one of ours that it came to. */
  save(request: Message, socket: string): RegistrarAnswer {
    const taken = this.#take(request, socket)
    if (!('bindings' in taken)) return this.#refused(taken, request)
    // RFC 3261 §10.3 step 8.
    const headers = taken.bindings.map((binding): [HeaderId, string] => [H.Contact, this.#contact(binding)])
    headers.push([H.Date, this.#date()])
    return { status: 200, reason: '', headers }
  }

  /** What is to be awaited after `save`, before it is answered, if anything: whoever is called then is found in every worker. */
  telling(): Promise<unknown> | undefined {
    return this.#options.telling?.()
  }

  /** RFC 3261 §16.5: where to try, at most `most`; empty when nobody is there. */
  lookup(uri: Uri, most: number): ContactTarget[][] {
    const aor = aorOf(uri, this.#aorRules)
    return aor === undefined ? [] : targetsOf(this.location.of(aor.key), most)
  }

  /** As `kill -9` would: nothing more happens. */
  stop(): void {
    this.#readBack?.stop()
    this.#writeBehind?.stop()
    this.location.stop()
  }

  /** Writes what waits, for a short time at most. */
  async close(): Promise<void> {
    this.stop()
    if (this.unwritten === 0) return
    let stopWaiting = (): void => undefined
    const tooLong = new Promise<void>((resolve) => (stopWaiting = this.#options.clock.wakeAfter(LAST, resolve)))
    await Promise.race([this.#writeBehind!.flush(), tooLong])
    stopWaiting()
    this.stop()
  }

  /** RFC 3261 §10.3 steps 2 and 5 to 7. Whether it is for us (1), and who may (3, 4), is the route's to decide. */
  #take(request: Message, socket: string): Registered | Refusal {
    if (request.has(H.Require) && request.values(H.Require).length > 0) return refusal(420, '')
    const to = request.address(H.To)
    const aor = to && aorOf(to.uri, this.#aorRules)
    const { callId, cseq } = request
    // Every REGISTER is handed to the worker that has the contacts: this one found no way there.
    if (this.#options.original !== undefined) return refusal(503, '', RETRY)
    if (aor === undefined) return refusal(404, 'Not An Address-Of-Record')
    if (callId.length > LONGEST) return refusal(400, 'Call-ID Too Long')
    const existing = this.location.of(aor.key)
    if (!request.has(H.Contact)) return { bindings: existing, saved: [] }
    const registration = { aor, callId, cseq: cseq!.number, userAgent: userAgent(request), socket }
    return this.#update(existing, request, registration)
  }

  #update(existing: readonly Binding[], request: Message, registration: Registration): Registered | Refusal {
    const { rules, clock } = this.#options
    const { key } = registration.aor
    const wanted = wantedContacts(request, rules)
    if ('status' in wanted) return wanted
    const registered = register(existing, {
      registration,
      wanted,
      now: clock.now(),
      maxContacts: rules.maxContacts,
      newRuid: () => flat(this.#ruids + (++this.#made).toString(36)),
    })
    if ('status' in registered) return registered
    const more = registered.bindings.length - existing.length
    if (more > 0 && this.location.size + more > rules.bindings) return refusal(503, '', RETRY)
    this.location.commit(key, registered)
    this.#readBack?.changed(key, wanted, registration)
    return registered
  }

  #refused({ status, reason, seconds }: Refusal, request: Message): RegistrarAnswer {
    if (status === 420) return { status, reason, headers: [[H.Unsupported, request.values(H.Require).join(', ')]] }
    const header = status === 423 ? H.MinExpires : H.RetryAfter
    return { status, reason, headers: seconds === undefined ? [] : [[header, String(seconds)]] }
  }

  /** RFC 3261 §20.17: it changes with the second, and many REGISTERs come in one. */
  #date(): string {
    const second = Math.floor(this.#options.calendar() / 1_000)
    if (second !== this.#dated.second) this.#dated = { second, text: new Date(second * 1_000).toUTCString() }
    return this.#dated.text
  }

  /** Seconds that are left, rounded up: a phone that reads 0 would take itself for gone. */
  #contact({ uri, q, expiresAt, instance }: Binding): string {
    const left = Math.ceil((expiresAt - this.#options.clock.now()) / 1_000)
    const preferred = q === undefined ? '' : `;q=${q}`
    return `<${uri.bytes}>${preferred};expires=${left}` + (instance === '' ? '' : `;+sip.instance=${instance}`)
  }
}

function userAgent(request: Message): string {
  return (request.value(H.UserAgent) ?? '').slice(0, LONGEST)
}
