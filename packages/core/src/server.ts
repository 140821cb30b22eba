/**
 * **bytes → transport → message → transaction (§17) → proxy (§16) asks for targets → runtime runs the user's route → proxy forwards →
 * transaction → transport → bytes.** The wiring: the one place that opens sockets, reads the clock and knows every part.
 */
import path from 'node:path'
import { openAdmin, type Admin } from './admin/admin.ts'
import { makeMetrics } from './admin/metrics.ts'
import { addRegistrarMetrics } from './admin/registrar-metrics.ts'
import { RpcError, type Methods, type RpcMethod } from './admin/rpc.ts'
import { trunkMethods } from './admin/trunk-methods.ts'
import { addStoreMetrics } from './admin/store-metrics.ts'
import type { Bundle } from './build/bundle.ts'
import { settingsOf } from './config/changes.ts'
import type { ListenConfig, ResolvedConfig } from './config/config.ts'
import { firstProblem, SignalboxError, stackOf } from './errors.ts'
import { identityOptions } from './identity/from-config.ts'
import type { IdentityOptions } from './identity/identities.ts'
import { keyOfFile, randomKey } from './identity/keys.ts'
import { openLog, type Log } from './log/log.ts'
import { OverloadWatch } from './overload.ts'
import { dumpLocation } from './registrar/dump.ts'
import { OwnAddresses, type OwnAddress } from './proxy/own-addresses.ts'
import { makeNextHop } from './resolve/next-hop.ts'
import type { Generation, GenerationInfo } from './runtime/generation.ts'
import { NewestWins } from './runtime/newest-wins.ts'
import type { Observer } from './runtime/options.ts'
import { RunningConfig, type IncomingRoutes, type Reloaded } from './running-config.ts'
import { Scratch } from './runtime/scratch.ts'
import { Stack, type StackOptions } from './stack.ts'
import { Store } from './store/store.ts'
import { TrunkTable } from './trunks/table.ts'
import { realClock } from './timers/clock.ts'
import { machineAddresses } from './transport/machine-addresses.ts'
import { UdpSocket } from './transport/udp.ts'
import { Watchdog } from './watchdog/watchdog.ts'

/** What `createServer` needs. */
export interface ServerOptions {
  readonly config: ResolvedConfig
  readonly bundle: Bundle
  /** For a reload that brings nothing: what the proxy was started from, read again, or the bundle in this folder. */
  rebuild?(folder?: string): Promise<IncomingRoutes>
  /** Watches routes run and messages pass. */
  readonly observer?: ServerObserver
  /** Where log lines go. Default: stdout, as the config says. */
  readonly log?: Log
}

/** Hears of every message and of every route line that ran. */
export interface ServerObserver extends Observer {
  message?(event: { direction: 'in' | 'out'; wire: string; address: string; port: number }): void
}

/** A proxy that runs. */
export interface Server {
  /** `udp:127.0.0.1:5060`. */
  readonly listening: readonly string[]
  /** `127.0.0.1:8060`. */
  readonly admin: string
  readonly log: Log
  /**
   * Makes this bundle, or a rebuilt one, live. Rejects when it cannot be; what was live stays. One at a time: reloads and rollbacks that are asked
   * for meanwhile collapse into the newest, and all who asked get what that comes to.
   */
  reload(incoming?: IncomingRoutes): Promise<Reloaded>
  /** Brings the bundle that was live before this one back as a new generation. A second one undoes the first. Rejects with `ROLLBACK` where there was none. */
  rollback(): Promise<Reloaded>
  generations(): GenerationInfo[]
  /** Takes nothing new; resolves when no transaction owes an answer, at the latest after `drain.timeout`. */
  drain(): Promise<void>
  close(): Promise<void>
}

/** Opens the sockets and the admin port and makes the bundle live. Rejects with `SignalboxError`, nothing left open. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const log = options.log ?? openLog(options.config.log)
  const server = new SignalboxServer(options, log)
  try {
    await server.open()
  } catch (error) {
    await server.close()
    throw error
  }
  return server
}

class SignalboxServer implements Server {
  readonly log: Log
  readonly #options: ServerOptions
  readonly #sockets: UdpSocket[] = []
  #scratch: Scratch | undefined
  #store: Store | undefined
  #stack: Stack | undefined
  #admin: Admin | undefined
  #overload: OverloadWatch | undefined
  #watchdog: Watchdog | undefined
  readonly #config: RunningConfig
  readonly #reloads = new NewestWins<Reloaded>()
  #draining: Promise<void> | undefined

  constructor(options: ServerOptions, log: Log) {
    this.#options = options
    this.log = log
    this.#config = new RunningConfig(options.config, log)
  }

  async open(): Promise<void> {
    const { config, bundle } = this.#options
    const scratch = (this.#scratch = new Scratch({ root: config.dir }))
    process.on('unhandledRejection', this.#escaped)
    process.on('uncaughtException', this.#escaped)
    const identity = identityOptions(config.uac, () => this.#randomKey())
    for (const listen of config.listen) this.#sockets.push(await this.#openSocket(listen))
    this.log.info(`UDP sockets: ${this.#sockets[0]?.kind}`)
    const armed = await scratch.evaluate(bundle, 1)
    const store = (this.#store = new Store(config.database, this.log))
    const stack = (this.#stack = this.#makeStack(store, identity, armed))
    this.#watchdog = this.#watch(stack)
    await stack.start()
    // Read back before anybody asks; where no route uses it, no database is made for it.
    if (namesRegistrar.test(bundle.code)) void stack.registrar.ready()
    this.#overload = new OverloadWatch(this.#sockets, stack.admission, this.log)
    const registry = makeMetrics(stack)
    addStoreMetrics(registry, store)
    addRegistrarMetrics(registry, stack.registrar)
    this.#admin = await openAdmin({
      ...config.admin,
      aliases: config.aliases,
      methods: this.#methods(),
      metrics: () => registry.metrics(),
      isReady: () => !stack.isDraining,
      isDegraded: () => !store.isUp || this.#lacksTrunks,
    })
    // Last: a proxy that does not come up after all asks no carrier for calls.
    stack.register()
  }

  get #wantsTrunks(): boolean {
    return namesTrunks.test((this.#stack?.runtime.live.bundle ?? this.#options.bundle).code)
  }

  /** What is changed in the table does not get here; where no route uses trunks, there need be none. */
  get #lacksTrunks(): boolean {
    const { isAway, problem } = this.#stack!.trunks!
    return isAway || (problem !== '' && this.#wantsTrunks)
  }

  get listening(): string[] {
    return this.#sockets.map(({ address, port }) => `udp:${address.includes(':') ? `[${address}]` : address}:${port}`)
  }

  get admin(): string {
    return this.#admin!.at
  }

  generations(): GenerationInfo[] {
    return this.#stack!.runtime.list()
  }

  reload(incoming?: IncomingRoutes): Promise<Reloaded> {
    // Who brings a bundle of his own says so himself.
    const what = incoming === undefined ? 'reload' : undefined
    return this.#reloads.run(() => this.#reload({ what }, async () => this.#load(incoming ?? (await this.#rebuild()))))
  }

  rollback(): Promise<Reloaded> {
    return this.#reloads.run(() => this.#reload({ what: 'rollback' }, () => this.#stack!.runtime.rollback()))
  }

  #reloadByRpc(folder: unknown): Promise<Reloaded> {
    if (folder === undefined) return this.reload()
    if (typeof folder !== 'string' || !path.isAbsolute(folder))
      throw new RpcError(400, 'expected the absolute path of a folder with a bundle')
    const what = `reload of ${folder}`
    return this.#reloads.run(() => this.#reload({ what }, async () => this.#load(await this.#rebuild(folder))))
  }

  /** The config is taken on only with the routes. */
  async #load({ bundle, config, settings = config && settingsOf(config) }: IncomingRoutes): Promise<Generation> {
    const generation = await this.#stack!.runtime.load(bundle, settings)
    if (config !== undefined) this.#config.take(config)
    return generation
  }

  /** Counted, and logged as `what`. */
  async #reload({ what }: { what: string | undefined }, bring: () => Promise<Generation>): Promise<Reloaded> {
    const { reloads } = this.#stack!.counters
    try {
      const { number, hash, info } = await bring()
      reloads.add('taken')
      const { restart } = this.#config
      if (what !== undefined) this.log.info(`live: generation ${number} (${hash}), by a ${what}`)
      if (what !== undefined && restart.length > 0)
        this.log.warn(`changed in the config, takes effect at the next start: ${restart.join(', ')}`)
      return { ...info, restart }
    } catch (error) {
      reloads.add('refused')
      if (what !== undefined) this.log.warn(`${what} refused: ${firstProblem(error)}`)
      throw error
    }
  }

  async #rebuild(folder?: string): Promise<IncomingRoutes> {
    const { rebuild } = this.#options
    if (rebuild === undefined)
      throw new SignalboxError('BUILD', 'this proxy was started without sources to rebuild from')
    return rebuild(folder)
  }

  drain(): Promise<void> {
    return (this.#draining ??= this.#drainOnce())
  }

  #drainByRpc(): void {
    if (this.#draining === undefined) this.log.info('draining, as core.drain asked: calls in progress may finish')
    void this.drain()
  }

  async #drainOnce(): Promise<void> {
    const stack = this.#stack!
    stack.drain()
    const { stopBy } = this.#config
    while (stack.unanswered() > 0 && realClock.now() < stopBy) await wait(POLL)
    const bound = stack.trunks?.notWithdrawn ?? 0
    if (bound > 0) {
      this.log.warn(`${bound} trunks could not be withdrawn: their carriers send calls here until that expires`)
    }
    const left = stack.abandon()
    if (left > 0)
      this.log.warn(
        `drained for ${this.#config.drainTimeout} ms: ${left} transactions were still without an answer and got a 503`,
      )
  }

  #watch({ turns, runtime, counters }: Stack): Watchdog {
    const { cpu, deadline } = this.#options.config.handlers
    const endedAstray = (stack: string): void => {
      counters.routes.add('cpu')
      const what = `what a handler did after an await ran longer than handlers.cpu allows, and was ended`
      this.log.error(
        `${what}; its call is answered when its handlers.deadline, ${deadline} ms, is over:\n${runtime.mapStack(stack)}`,
      )
    }
    return new Watchdog({ turns, cpu, log: this.log, endedAstray, mapStack: (stack) => runtime.mapStack(stack) })
  }

  /** What a route threw where nobody awaits it: a floating promise, a timer of its own. It costs no call of others. */
  #escaped = (error: unknown): void => {
    const stack = stackOf(error)
    this.#stack?.counters.routes.add('escaped')
    this.log.error(`thrown where nobody catches: ${this.#stack?.runtime.mapStack(stack) ?? stack}`)
  }

  async close(): Promise<void> {
    process.off('unhandledRejection', this.#escaped)
    process.off('uncaughtException', this.#escaped)
    this.#overload?.close()
    this.#stack?.trunks?.close()
    await this.#admin?.close()
    await this.#scratch?.close()
    await this.#stack?.runtime.close(this.#config.stopBy - realClock.now())
    await this.#stack?.registrar.close()
    this.#stack?.stopTimers()
    await Promise.all(this.#sockets.map((socket) => socket.close()))
    await this.#store?.close()
    await this.#watchdog?.close()
    this.log.close()
  }

  #openSocket({ host, port, advertise }: ListenConfig): Promise<UdpSocket> {
    return UdpSocket.open(
      {
        host,
        port,
        ...(advertise && { advertise: { host: advertise.host, port: advertise.port ?? port } }),
        onTurn: () => this.#stack?.turns.leave() ?? false,
      },
      (bytes, address, peerPort, socket) => this.#receive(bytes, address, peerPort, socket),
      (error) => this.log.warn(`socket: ${error.message}`),
      this.#options.observer && ((wire, address, peerPort) => this.#observe('out', wire, address, peerPort)),
    )
  }

  #receive(bytes: Buffer, address: string, port: number, socket: UdpSocket): void {
    if (this.#options.observer !== undefined) this.#observe('in', bytes.toString('latin1'), address, port)
    this.#overload?.received()
    this.#stack?.take(bytes, address, port, socket)
  }

  #observe(direction: 'in' | 'out', wire: string, address: string, port: number): void {
    this.#options.observer?.message?.({ direction, wire, address, port })
  }

  #makeStack(store: Store, identity: IdentityOptions, armed: StackOptions['armed']): Stack {
    const { config, bundle, observer } = this.#options
    return new Stack({
      bundle,
      armed,
      root: config.dir,
      timers: config.timers,
      uac: config.uac,
      sql: store.sql,
      locationStore: store,
      registrar: config.registrar,
      registration: {
        settings: config.uac.registration,
        table: new TrunkTable(
          store.sql,
          this.log,
          () => store.isThere,
          () => this.#wantsTrunks,
        ),
      },
      identity,
      limits: config.limits,
      clock: realClock,
      own: new OwnAddresses(
        this.#sockets.flatMap((socket, i) => ownAddresses(socket, config.listen[i]!)),
        config.aliases,
      ),
      nextHop: makeNextHop(this.#sockets),
      sockets: this.#sockets,
      handlers: config.handlers,
      scratch: this.#scratch,
      observer,
      log: (callId) => (callId === undefined ? this.log : this.log.ofCall(callId)),
    })
  }

  /** Made once, so that a new start restores what calls in progress have replaced. */
  #randomKey(): Buffer {
    const file = path.join(this.#options.config.dir, '.signalbox', 'secret')
    const key = keyOfFile(file)
    if (key === undefined) this.log.warn(`${file} cannot be written: a new start will not restore From and To of calls`)
    return key ?? randomKey()
  }

  #methods(): Methods {
    return new Map<string, RpcMethod>([
      ['core.status', () => this.#status()],
      ['core.drain', () => this.#drainByRpc()],
      ['ul.dump', () => this.#dumpLocation()],
      ['routes.generations', () => this.generations()],
      ['routes.reload', ([folder]) => this.#reloadByRpc(folder)],
      ['routes.rollback', () => this.rollback()],
      ...trunkMethods(this.#stack!.trunks!),
    ])
  }

  /** Of contacts that nobody has asked for since the start, too. */
  async #dumpLocation(): Promise<Record<string, unknown>> {
    const { registrar } = this.#stack!
    await registrar.ready()
    return dumpLocation(registrar)
  }

  #status(): Record<string, unknown> {
    const { layer } = this.#stack!.proxy
    const trunks = this.#stack!.trunks!
    return {
      pid: process.pid,
      node: process.version,
      uptime: Math.round(process.uptime()),
      listening: this.listening,
      draining: this.#stack!.isDraining,
      generation: this.#stack!.runtime.live.info,
      transactions: { server: layer.servers, client: layer.clients, unanswered: layer.unanswered() },
      location: { aors: this.#stack!.registrar.location.aors, contacts: this.#stack!.registrar.location.size },
      trunks: { total: trunks.size, ...trunks.counts(), problem: trunks.problem },
      memory: process.memoryUsage().rss,
    }
  }
}

/** Outside the comments in which a bundle says where its parts come from. */
const namesRegistrar = /^(?!\s*\/\/).*\bregistrar\b/m
const namesTrunks = /^(?!\s*\/\/).*\buac\s*\.\s*reg\b/m

/** How often draining looks whether it is done, in milliseconds. */
const POLL = 20

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Bound to all addresses, every address of the machine is ours. */
function ownAddresses(socket: UdpSocket, { advertise }: ListenConfig): OwnAddress[] {
  const { address, port } = socket
  const bound = address === '0.0.0.0' || address === '::' ? machineAddresses() : [address]
  const own = bound.map((host) => ({ host, port }))
  return advertise === undefined ? own : [...own, { host: advertise.host, port: advertise.port ?? port }]
}
