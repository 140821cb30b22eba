/**
 * What serves calls in one process: sockets, stack, database, watchdog. It is the proxy's only process, or one of its workers, which then share
 * addresses and ports (`workers/`).
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Registry } from 'prom-client'
import { makeMetrics } from './admin/metrics.ts'
import { addRegistrarMetrics } from './admin/registrar-metrics.ts'
import type { RpcMethod } from './admin/rpc.ts'
import { trunkMethods } from './admin/trunk-methods.ts'
import { addStoreMetrics } from './admin/store-metrics.ts'
import type { Bundle } from './build/bundle.ts'
import type { ListenConfig, ResolvedConfig } from './config/config.ts'
import type { Counter } from './counters.ts'
import type { Engine } from './engine.ts'
import { stackOf } from './errors.ts'
import { identityOptions } from './identity/from-config.ts'
import type { Log } from './log/log.ts'
import { OverloadWatch, type Watched } from './overload.ts'
import { dumpLocation } from './registrar/dump.ts'
import { OwnAddresses, type OwnAddress } from './proxy/own-addresses.ts'
import { makeNextHop } from './resolve/next-hop.ts'
import type { GenerationInfo } from './runtime/generation.ts'
import type { Observer } from './runtime/options.ts'
import type { FirstGeneration, Runtime } from './runtime/runtime.ts'
import type { IncomingRoutes, RunningConfig } from './running-config.ts'
import { Scratch } from './runtime/scratch.ts'
import { Stack, type StackOptions } from './stack.ts'
import { Store } from './store/store.ts'
import { TrunkTable } from './trunks/table.ts'
import { realClock } from './timers/clock.ts'
import { machineAddresses } from './transport/machine-addresses.ts'
import { isUnspecified } from './transport/route-addresses.ts'
import { UdpSocket, type OnDatagram, type UdpOptions } from './transport/udp.ts'
import { Watchdog } from './watchdog/watchdog.ts'

/** Hears of every message and of every route line that ran. */
export interface ServerObserver extends Observer {
  message?(event: { direction: 'in' | 'out'; wire: string; address: string; port: number }): void
}

export interface ServingOptions {
  readonly config: ResolvedConfig
  readonly bundle: Bundle
  /** The config as reloads change it. */
  readonly running: RunningConfig
  /** What seals From and To where no password is set. */
  randomKey(): Buffer
  readonly observer?: ServerObserver | undefined
  readonly log: Log
  /** Where it is one of several. */
  readonly part?: Part | undefined
}

/** What is different in one worker of several. */
export interface Part {
  /** The bundle was tried out in a thread of the primary's. */
  readonly first: FirstGeneration
  /** What others are told, or say, of contacts and trunks. */
  readonly stack: Pick<StackOptions, 'ids' | 'location' | 'knownTrunks' | 'formerTrunks' | 'trunkWatcher'>
  /** Whether contacts and trunks are another worker's, and known here by what that one says. */
  readonly isCopy: boolean
  readonly socket: Pick<UdpOptions, 'shared'>
  /** What is to be watched for overload besides the sockets. */
  readonly queues: readonly Watched[]
  /** Whether the datagram belongs to another worker, which gets it. */
  passesOn(bytes: Buffer, address: string, port: number, socket: number): boolean
}

export class Serving implements Engine {
  readonly #options: ServingOptions
  readonly sockets: UdpSocket[] = []
  #scratch: Scratch | undefined
  #store: Store | undefined
  #stack: Stack | undefined
  #registry: Registry | undefined
  #overload: OverloadWatch | undefined
  #watchdog: Watchdog | undefined
  #draining: Promise<void> | undefined

  constructor(options: ServingOptions) {
    this.#options = options
  }

  get stack(): Stack {
    return this.#stack!
  }

  get runtime(): Runtime {
    return this.stack.runtime
  }

  async open(): Promise<void> {
    await this.bind()
    await this.start()
  }

  /** Opens the sockets. */
  async bind(): Promise<void> {
    const { config, log, part } = this.#options
    if (part === undefined) this.#scratch = new Scratch({ root: config.dir })
    process.on('unhandledRejection', this.#escaped)
    process.on('uncaughtException', this.#escaped)
    for (const listen of config.listen) this.sockets.push(await this.#openSocket(listen))
    log.info(`UDP sockets: ${this.sockets[0]?.kind}`)
  }

  /** Makes the bundle live. */
  async start(): Promise<void> {
    const { config, bundle, log, part } = this.#options
    const first = part?.first ?? { armed: await this.#scratch!.evaluate(bundle, 1) }
    const store = (this.#store = new Store(config.database, log))
    const stack = (this.#stack = this.#makeStack(store, first))
    this.#watchdog = this.#watch(stack)
    await stack.start()
    // Read back before anybody asks; where no route uses it, no database is made for it.
    if (namesRegistrar.test(bundle.code)) void stack.registrar.ready()
    this.#overload = new OverloadWatch([...this.sockets, ...(part?.queues ?? [])], stack.admission, log)
    this.#registry = makeMetrics(stack)
    addStoreMetrics(this.#registry, store)
    addRegistrarMetrics(this.#registry, stack.registrar)
  }

  /** A proxy that does not come up after all asks no carrier for calls. */
  register(): Promise<void> {
    return this.stack.register()
  }

  /** One datagram of a turn, for the socket of that number. */
  take(bytes: Buffer, address: string, port: number, socket: number): void {
    this.#overload?.received()
    this.#stack?.take(bytes, address, port, this.sockets[socket]!)
  }

  turnEnded = (): boolean => this.#stack?.turns.leave() ?? false

  get listening(): string[] {
    return this.sockets.map(({ address, port }) => `udp:${address.includes(':') ? `[${address}]` : address}:${port}`)
  }

  get isDraining(): boolean {
    return this.stack.isDraining
  }

  get reloads(): Counter {
    return this.stack.counters.reloads
  }

  generations(): GenerationInfo[] {
    return this.runtime.list()
  }

  askGenerations(): GenerationInfo[] {
    return this.generations()
  }

  async load({ bundle, settings }: IncomingRoutes): Promise<GenerationInfo> {
    return (await this.runtime.load(bundle, settings)).info
  }

  async rollback(): Promise<GenerationInfo> {
    return (await this.runtime.rollback()).info
  }

  metrics(): Promise<string> {
    return this.#registry!.metrics()
  }

  /** As prom-client has them, to be added up with those of others. */
  get registry(): Registry {
    return this.#registry!
  }

  methods(): [string, RpcMethod][] {
    const { trunks } = this.stack
    return [['ul.dump', () => this.#dumpLocation()], ...(trunks === undefined ? [] : trunkMethods(trunks))]
  }

  /** The database is away, or the table of trunks, or requests are not heard yet. */
  isDegraded(): boolean {
    return !this.stack.isReady || !this.#store!.isUp || this.#lacksTrunks
  }

  status() {
    const { trunks, registrar, proxy } = this.stack
    const { layer } = proxy
    return {
      draining: this.isDraining,
      generation: this.runtime.live.info,
      transactions: { server: layer.servers, client: layer.clients, unanswered: layer.unanswered() },
      location: { aors: registrar.location.aors, contacts: registrar.location.size },
      ...(trunks && { trunks: { total: trunks.size, ...trunks.counts(), problem: trunks.problem } }),
      memory: process.memoryUsage().rss,
    }
  }

  drain(): Promise<void> {
    return (this.#draining ??= this.#drainOnce())
  }

  async close(): Promise<void> {
    const { running } = this.#options
    process.off('unhandledRejection', this.#escaped)
    process.off('uncaughtException', this.#escaped)
    this.#overload?.close()
    this.#stack?.trunks?.close()
    await this.#scratch?.close()
    await this.#stack?.runtime.close(running.stopBy - realClock.now())
    await this.#stack?.registrar.close()
    this.#stack?.stopTimers()
    await Promise.all(this.sockets.map((socket) => socket.close()))
    await this.#store?.close()
    await this.#watchdog?.close()
  }

  async #drainOnce(): Promise<void> {
    const { running, log } = this.#options
    const { stack } = this
    stack.drain()
    const { stopBy } = running
    while (stack.unanswered() > 0 && realClock.now() < stopBy) await wait(POLL)
    const bound = stack.trunks?.notWithdrawn ?? 0
    if (bound > 0) {
      log.warn(`${bound} trunks could not be withdrawn: their carriers send calls here until that expires`)
    }
    const left = stack.abandon()
    if (left > 0)
      log.warn(
        `drained for ${running.drainTimeout} ms: ${left} transactions were still without an answer and got a 503`,
      )
  }

  get #wantsTrunks(): boolean {
    return namesTrunks.test((this.#stack?.runtime.live.bundle ?? this.#options.bundle).code)
  }

  /** What is changed in the table does not get here; where no route uses trunks, there need be none. */
  get #lacksTrunks(): boolean {
    const { trunks } = this.stack
    return trunks !== undefined && (trunks.isAway || (trunks.problem !== '' && this.#wantsTrunks))
  }

  #watch({ turns, runtime, counters }: Stack): Watchdog {
    const { log } = this.#options
    const { cpu, deadline } = this.#options.config.handlers
    const endedAstray = (stack: string): void => {
      counters.routes.add('cpu')
      const what = `what a handler did after an await ran longer than handlers.cpu allows, and was ended`
      log.error(
        `${what}; its call is answered when its handlers.deadline, ${deadline} ms, is over:\n${runtime.mapStack(stack)}`,
      )
    }
    return new Watchdog({ turns, cpu, log, endedAstray, mapStack: (stack) => runtime.mapStack(stack) })
  }

  /** What a route threw where nobody awaits it: a floating promise, a timer of its own. It costs no call of others. */
  #escaped = (error: unknown): void => {
    const stack = stackOf(error)
    this.#stack?.counters.routes.add('escaped')
    this.#options.log.error(`thrown where nobody catches: ${this.#stack?.runtime.mapStack(stack) ?? stack}`)
  }

  #openSocket({ host, port, advertise }: ListenConfig): Promise<UdpSocket> {
    const { log, observer, part } = this.#options
    return UdpSocket.open(
      {
        host,
        port,
        ...part?.socket,
        ...(advertise && { advertise: { host: advertise.host, port: advertise.port ?? port } }),
        onTurn: this.turnEnded,
      },
      this.#receiver(this.sockets.length),
      (error) => log.warn(`socket: ${error.message}`),
      observer && ((wire, address, peerPort) => this.#observe('out', wire, address, peerPort)),
    )
  }

  #receiver(socket: number): OnDatagram {
    const { part, observer } = this.#options
    if (part !== undefined)
      return (bytes, address, port) => {
        // What is passed on is worked off, too: it was in the same queue.
        if (part.passesOn(bytes, address, port, socket)) this.#overload?.received()
        else this.take(bytes, address, port, socket)
      }
    return (bytes, address, port) => {
      if (observer !== undefined) this.#observe('in', bytes.toString('latin1'), address, port)
      this.take(bytes, address, port, socket)
    }
  }

  #observe(direction: 'in' | 'out', wire: string, address: string, port: number): void {
    this.#options.observer?.message?.({ direction, wire, address, port })
  }

  #makeStack(store: Store, first: FirstGeneration): Stack {
    const { config, bundle, observer, log, part, randomKey } = this.#options
    return new Stack({
      bundle,
      first,
      root: config.dir,
      timers: config.timers,
      uac: config.uac,
      sql: store.sql,
      registrar: config.registrar,
      ...(part?.isCopy !== true && { locationStore: store, registration: this.#registration(store) }),
      identity: identityOptions(config.uac, randomKey),
      limits: config.limits,
      clock: realClock,
      own: new OwnAddresses(
        this.sockets.flatMap((socket, i) => ownAddresses(socket, config.listen[i]!)),
        config.aliases,
      ),
      nextHop: makeNextHop(this.sockets),
      sockets: this.sockets,
      handlers: config.handlers,
      scratch: this.#scratch,
      observer,
      log: (callId) => (callId === undefined ? log : log.ofCall(callId)),
      ...part?.stack,
    })
  }

  #registration(store: Store): NonNullable<StackOptions['registration']> {
    const { config, log } = this.#options
    const isThere = (): boolean => store.isThere
    return {
      settings: config.uac.registration,
      table: new TrunkTable(store.sql, log, isThere, () => this.#wantsTrunks),
    }
  }

  /** Of contacts that nobody has asked for since the start, too. */
  async #dumpLocation(): Promise<Record<string, unknown>> {
    const { registrar } = this.stack
    await registrar.ready()
    return dumpLocation(registrar)
  }
}

/** Outside the comments in which a bundle says where its parts come from. */
const namesRegistrar = /^(?!\s*\/\/).*\bregistrar\b/m
const namesTrunks = /^(?!\s*\/\/).*\buac\s*\.\s*reg\b/m

/** How often draining looks whether it is done, in milliseconds. */
const POLL = 20

/** Bound to all addresses, every address of the machine is ours. */
function ownAddresses(socket: UdpSocket, { advertise }: ListenConfig): OwnAddress[] {
  const { address, port } = socket
  const bound = isUnspecified(address) ? machineAddresses() : [address]
  const own = bound.map((host) => ({ host, port }))
  return advertise === undefined ? own : [...own, { host: advertise.host, port: advertise.port ?? port }]
}
