/**
 * The spine without sockets: bytes → message → transaction → proxy → routes. The server puts it on UDP, the test kit on a memory network
 * with a virtual clock. What cannot be read is answered or dropped here, and counted.
 */
import { defaultTimes } from './transaction/durations.ts'
import { Admission } from './admission.ts'
import type { Bundle } from './build/bundle.ts'
import { Counters } from './counters.ts'
import { defaultLimits, exceeds, type Limits } from './limits.ts'
import { checkMessage, isAnswerable } from './message/check.ts'
import type { Message } from './message/message.ts'
import { isMalformed, parseMessage, type Limits as ParseLimits, type Malformed } from './message/parse.ts'
import { makeResponse } from './message/reply.ts'
import { stampReceived } from './message/via.ts'
import { H } from './message/header-names.ts'
import type { IdentityEvent } from './identity/identities.ts'
import { Ids } from './proxy/ids.ts'
import type { RandomBytes } from './random.ts'
import { Proxy, type ProxyOptions } from './proxy/proxy.ts'
import type { CallLog, Observer, RuntimeOptions } from './runtime/options.ts'
import { PinnedDialogs } from './runtime/pinned-dialogs.ts'
import { Runtime, type FirstGeneration } from './runtime/runtime.ts'
import type { GenerationSettings } from './runtime/settings.ts'
import { Turns } from './runtime/turns.ts'
import type { Clock } from './timers/clock.ts'
import { Timers } from './timers/timers.ts'
import type { Flow, LocalSocket } from './transport/flow.ts'
import { Flows } from './transport/flows.ts'
import { noSql } from './store/sql.ts'
import { defaultRules } from './registrar/rules.ts'
import { Registrar, type RegistrarOptions } from './registrar/registrar.ts'
import type { KnownTrunks } from './trunks/trunk-index.ts'
import { Trunks, type TrunksOptions, type TrunkWatcher } from './trunks/trunks.ts'
import { OwnRequests } from './uac/own-requests.ts'
import { responseFlow } from './transport/response-flow.ts'
import { NonceCounts } from './uac/nonce-counts.ts'

export interface StackOptions extends Pick<ProxyOptions, 'own' | 'nextHop' | 'identity'> {
  readonly bundle: Bundle
  readonly first?: FirstGeneration
  /** Places in sources are shown relative to this. */
  readonly root: string
  readonly timers: { readonly t1: number; readonly c: number }
  readonly uac: GenerationSettings['uac']
  readonly sql?: RuntimeOptions['sql']
  /** The trunks to keep registered. Without it there are none. */
  readonly registration?: Pick<TrunksOptions, 'settings' | 'table' | 'random'> | undefined
  /** Where other trunks than ours can be found. */
  readonly knownTrunks?: KnownTrunks
  /** Trunks that another process had, as long as the table has not been read. */
  readonly formerTrunks?: () => KnownTrunks | undefined
  readonly trunkWatcher?: TrunkWatcher
  readonly limits?: Limits
  /** `registrar` of the config. */
  readonly registrar?: Partial<Omit<RegistrarOptions['rules'], 'bindings'>>
  /** Where contacts are kept beside memory. */
  readonly locationStore?: RegistrarOptions['store']
  /** Where contacts are another worker's, or other workers are told of them. */
  readonly location?: Pick<RegistrarOptions, 'original' | 'changed' | 'telling'>
  /** Milliseconds since 1970. Default: the machine's. */
  readonly calendar?: () => number
  /** What requests of our own are sent from, in the order of preference. */
  readonly sockets?: readonly LocalSocket[]
  /** `handlers` of the config, in milliseconds. */
  readonly handlers?: GenerationSettings['handlers']
  /** Where bundles are evaluated before they are in the main thread. */
  readonly scratch?: RuntimeOptions['scratch']
  readonly clock: Clock
  readonly ids?: Ids
  /** Where nonces come from. Default: the system. */
  readonly random?: RandomBytes
  readonly observer?: Observer | undefined
  /** The log of one call, or of the core when there is none. */
  log(callId?: string): CallLog
}

/** Milliseconds, where the config says nothing. */
const defaultHandlers = { deadline: 30_000, cpu: 200 }

/** Milliseconds that the table of trunks may take from the first requests: less than T1, after which they come again. */
const SOON = 400

/** Nonces of registrars that are counted: each trunk keeps one. */
const TRUNK_NONCES = 100_000

export class Stack {
  readonly counters = new Counters()
  readonly admission: Admission
  readonly timers: Timers
  /** Of the trunks, which are never done: what stays in the others would be left over. */
  readonly trunkTimers: Timers
  /** When handlers are entered. */
  readonly turns = new Turns()
  readonly runtime: Runtime
  readonly proxy: Proxy
  readonly requests: OwnRequests
  readonly registrar: Registrar
  readonly trunks: Trunks | undefined
  readonly #ids: Ids
  readonly #limits: Limits
  readonly #parseLimits: ParseLimits
  readonly #log: StackOptions['log']
  readonly #flows = new Flows()
  /** Handlers that have not ended. */
  runningHandlers = 0
  /** Requests of our own that a route awaits, or could. */
  sending = 0
  #isReady: boolean

  /** Throws when the bundle cannot be loaded. */
  constructor(options: StackOptions) {
    const { counters } = this
    const limits = options.limits ?? defaultLimits
    this.#limits = limits
    this.#parseLimits = { size: limits.messageSize, headers: limits.headers, headerLength: limits.headerLength }
    this.admission = new Admission(limits, (why) => counters.turnedAway.add(why))
    this.timers = new Timers(options.clock)
    this.trunkTimers = new Timers(options.clock)
    this.#ids = options.ids ?? new Ids()
    this.#log = options.log
    this.registrar = new Registrar({
      rules: { ...defaultRules, ...options.registrar, bindings: limits.bindings },
      isOwnAddress: (host) => options.own.hasAddress(host),
      clock: options.clock,
      calendar: options.calendar ?? Date.now,
      store: options.locationStore,
      ...options.location,
      random: options.random,
      log: options.log(),
    })
    this.runtime = new Runtime(
      options.bundle,
      {
        root: options.root,
        timerC: options.timers.c,
        maxBranches: limits.branches,
        nonceCounts: new NonceCounts(undefined, options.random),
        pinned: new PinnedDialogs(limits.dialogs, options.clock),
        sql: options.sql ?? noSql,
        registrar: this.registrar,
        counters: {
          running: (change) => (this.runningHandlers += change),
          sending: (change) => (this.sending += change),
          threw: () => counters.routes.add('thrown'),
          givenUp: (by) => counters.routes.add(by),
        },
        observer: options.observer,
        timers: this.timers,
        settings: { uac: options.uac, handlers: options.handlers ?? defaultHandlers },
        turns: this.turns,
        requests: () => this.requests,
        trunks: () => options.formerTrunks?.() ?? this.trunks ?? options.knownTrunks,
        scratch: options.scratch,
        log: options.log,
      },
      options.first,
    )
    this.proxy = new Proxy({
      routing: this.runtime,
      timers: this.timers,
      times: { ...defaultTimes, t1: options.timers.t1 },
      own: options.own,
      ids: this.#ids,
      nextHop: options.nextHop,
      maxDialogs: limits.dialogs,
      admit: (request, layer) => this.admission.check(request, layer),
      count: (event) => counters.proxy.add(event),
      ...(options.identity && { identity: { ...options.identity, random: options.random } }),
      notRestored: (event, { callId }) => options.log(callId).warn(notRestored[event]),
      sendFailed: (error) => options.log().warn(`could not send: ${error.message}`),
    })
    this.requests = new OwnRequests(this.proxy, options.sockets ?? [], limits.ownRequests)
    this.trunks = this.#makeTrunks(options)
    this.#isReady = this.trunks === undefined && this.runtime.live.load === undefined
  }

  /** Runs the first bundle's `onLoad`. Until it has ended requests are not heard: who sent one sends it again. Rejects with `ON_LOAD`. */
  async start(): Promise<void> {
    if (this.runtime.live.load !== undefined) await this.runtime.start()
    this.#isReady = this.trunks === undefined
  }

  /** Whether requests are heard: the first generation has been set up, and the trunks are known. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** From now on trunks are kept registered. Requests are heard once it is known which there are: a call may come through one. */
  async register(): Promise<void> {
    const { trunks } = this
    if (trunks === undefined) return
    const late = new Promise<void>((resolve) => trunks.agenda.after(SOON, resolve))
    await Promise.race([trunks.start(), late])
    this.#isReady = true
  }

  /** With requests of their own: those of routes have a limit, and are waited for. */
  #makeTrunks({ registration, trunkWatcher, nextHop, sockets = [], random, log }: StackOptions): Trunks | undefined {
    if (registration === undefined) return undefined
    const { proxy, runtime, trunkTimers } = this
    const { layer, ids } = proxy
    // What could not be sent is told as the trunk's reason.
    const services = { layer, ids, nextHop, noteSendFailure: () => undefined }
    const trunks: Trunks = new Trunks({
      ...registration,
      watcher: trunkWatcher,
      timers: trunkTimers,
      requests: new OwnRequests(services, sockets, Infinity),
      counts: new NonceCounts(TRUNK_NONCES, random),
      log: log(),
      hooks: () => runtime.registerHooks(),
      changed: (trunk, from, to) => runtime.registrationChanged({ trunk, from, to, now: trunks.agenda.now() }),
    })
    return trunks
  }

  /** Nothing happens by itself any more. */
  stopTimers(): void {
    this.timers.stopAll()
    this.trunkTimers.stopAll()
  }

  /** Final answers that somebody still waits for. */
  unanswered(): number {
    return this.proxy.layer.unanswered() + this.requests.size + (this.trunks?.withdrawing ?? 0)
  }

  /** Ends what still waits for a final answer. Says how much. */
  abandon(): number {
    this.trunks?.close()
    return this.proxy.abandon() + this.requests.abandon()
  }

  /** From now on requests that begin something are answered 503. */
  drain(): void {
    this.admission.isDraining = true
    this.trunks?.stop()
  }

  get isDraining(): boolean {
    return this.admission.isDraining
  }

  /** One datagram, which is a turn of its own. */
  receive(bytes: Buffer, address: string, port: number, local: LocalSocket): void {
    this.take(bytes, address, port, local)
    this.turns.end()
  }

  /**
   * One datagram of several in a turn: who takes them calls `turns.leave()` after the last one, which has the handlers run. Whatever it holds, it costs
   * nobody else anything: an exception here is a bug, told loudly, and the next one is served.
   */
  take(bytes: Buffer, address: string, port: number, local: LocalSocket): void {
    this.turns.begin()
    try {
      this.#receive(bytes, this.#flows.to(address, port, local))
    } catch (error) {
      this.counters.dropped.add('internal_error')
      this.#log().error(`a bug: a message from ${address}:${port} was dropped: ${(error as Error).stack}`)
    }
  }

  #receive(bytes: Buffer, flow: Flow): void {
    const message = parseMessage(bytes, flow, this.#parseLimits)
    if (isMalformed(message)) this.#malformed(message, flow)
    else if (!message.isRequest) this.#response(message)
    else if (this.#isReady) this.#request(message, flow)
    else this.counters.dropped.add('starting')
  }

  #request(request: Message, flow: Flow): void {
    this.counters.requests.add(request.method)
    const fault = checkMessage(request)
    if (fault !== undefined) return this.#refuse(request, 400, fault, label(fault), flow)
    const excess = exceeds(request, this.#limits)
    if (excess !== undefined) return this.#refuse(request, excess.status, excess.reason, label(excess.reason), flow)
    stamp(request, flow)
    this.proxy.layer.receiveRequest(request, flow)
  }

  #response(response: Message): void {
    this.counters.responses.add(classes[Math.floor(response.status / 100)]!)
    const fault = checkMessage(response)
    if (fault !== undefined) this.counters.dropped.add(label(fault))
    else this.proxy.layer.receiveResponse(response)
  }

  /** RFC 3261 §18.3: a bad request is answered, if it says to whom; a bad response is dropped. */
  #malformed({ code, message }: Malformed, flow: Flow): void {
    if (message === undefined || !message.isRequest) return this.counters.dropped.add(code)
    // RFC 3261 §21.5.6, §21.5.7.
    if (code === 'version') this.#refuse(message, 505, '', code, flow)
    else if (code === 'too_large') this.#refuse(message, 513, '', code, flow)
    else this.#refuse(message, 400, reasons[code] ?? 'Bad Request', code, flow)
  }

  /** Without a transaction, so that noise leaves nothing behind. */
  #refuse(request: Message, status: number, reason: string, counted: string, flow: Flow): void {
    if (!isAnswerable(request)) return this.counters.dropped.add(counted)
    this.counters.rejected.add(counted)
    const via = request.topVia
    if (via !== undefined) stamp(request, flow)
    // A Via that cannot be read leads nowhere: back to where the request came from.
    const { local, address, port } = via === undefined ? flow : responseFlow(via, flow)
    local.send(makeResponse(request, status, reason, this.#ids.tag()).toWire(), address, port, undefined)
  }
}

/** Of responses, by the first digit of their status. */
const classes = ['', '1xx', '2xx', '3xx', '4xx', '5xx', '6xx']

/** Without the value: it may say what it was to hide. */
const notRestored: Record<IdentityEvent, string> = {
  identity_unreadable: 'From and To stay as they came: what our Route says of them was changed, or is not of this call',
  identity_astray: 'From and To stay as they came: this does not go to the caller whom they name',
  identity_too_long: 'From and To are too long to be restored in later requests',
}

const reasons: Partial<Record<Malformed['code'], string>> = {
  content_length: 'Bad Content-Length',
  truncated: 'Content-Length Beyond The Message',
  duplicate_header: 'Repeated Header',
  header_line: 'Bad Header Line',
  control_character: 'Control Character',
  too_many_headers: 'Too Many Header Fields',
  header_too_long: 'Header Field Too Long',
}

/** RFC 3261 §18.2.1, RFC 3581 §4. */
function stamp(request: Message, flow: Flow): void {
  const stamped = stampReceived(request.topVia!, flow.address, flow.port)
  if (stamped !== undefined) request.replaceFirstValue(H.Via, stamped)
}

/** `Bad Call-ID` → `bad_call_id`. */
function label(fault: string): string {
  return fault.toLowerCase().replace(/[^a-z]+/g, '_')
}
