/**
 * The real stack on a memory network with a virtual clock: nothing is mocked but the sockets and the time. Waiting for a call runs the
 * simulation: what is under way is delivered, handlers that await are waited for, and when nothing else can happen the clock
 * goes to the next timer.
 */
import path from 'node:path'
import type { Credentials, Duration, RegistrationConfig, Sql, UacConfig } from '@signalbox/dsl'
import type { Bundle } from '../build/bundle.ts'
import { buildBundle } from '../build/build.ts'
import { parseDuration } from '../config/duration.ts'
import { SignalboxError } from '../errors.ts'
import { defaultIdentityConfig } from '../identity/defaults.ts'
import { identityOptions } from '../identity/from-config.ts'
import { randomKey } from '../identity/keys.ts'
import { defaultLimits, type Limits } from '../limits.ts'
import { Ids } from '../proxy/ids.ts'
import { OwnAddresses } from '../proxy/own-addresses.ts'
import { makeNextHop } from '../resolve/next-hop.ts'
import type { CallLog } from '../runtime/options.ts'
import { Stack, type StackOptions } from '../stack.ts'
import { TrunkTable } from '../trunks/table.ts'
import type { RegistrationSettings } from '../trunks/trunks.ts'
import type { LocalSocket } from '../transport/flow.ts'
import { Agent } from './agent.ts'
import { ladder, type LadderEvent } from './ladder.ts'
import { MemoryNetwork, type Filter } from './network.ts'
import { seeded } from './seeded.ts'
import { SimulatedStore } from './simulated-store.ts'
import { Uac } from './uac.ts'
import { Uas, type Behaviour } from './uas.ts'
import { VirtualClock } from './virtual-clock.ts'

/** What `simulate` takes. */
export interface SimulateOptions {
  /** The route file, relative to the working directory. */
  routes?: string
  /** A bundle that is built already, instead of `routes`. */
  bundle?: Bundle
  /** Where the proxy listens. Default `127.0.0.1:5080`. */
  listen?: string
  /** `uac.credentials` of the config. */
  credentials?: readonly (Credentials & { realm: string })[]
  /** `uac.registration` of the config. With it the rows of `uacreg` are kept registered; without it nobody looks at them. */
  registration?: RegistrationConfig
  /** Other keys of the config's `uac`. */
  uac?: SimulatedUac
  /** `limits` of the config. */
  limits?: Partial<Limits>
  /** `registrar` of the config, in seconds. */
  registrar?: SimulatedRegistrar
  /** `aliases` of the config. */
  aliases?: readonly string[]
  /** `database` of the config. Default `sqlite::memory:`, which is made when it is first asked, and empty. */
  database?: string
  /** Milliseconds for which a handler that awaits something of the real world is waited for before virtual time goes on. Default 200. */
  patience?: number
}

/** A phone of the simulation. */
export type SimulatedUac = Pick<
  UacConfig,
  'restoreMode' | 'restorePassword' | 'restoreFormat' | 'rrFromParam' | 'rrToParam' | 'restoreVars'
>

export type SimulatedRegistrar = NonNullable<StackOptions['registrar']>

/** A line that a route or the core wrote to the log. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly callId: string | undefined
}

const T1 = 500
const TIMER_C = 180_000
const PATIENCE = 200
/** When virtual time begins: any moment will do. */
const EPOCH = Date.UTC(2026, 0, 1)

/** Starts a proxy with these routes. Under vitest it is closed, and checked for leaks, when the test ends. */
export async function simulate(options: SimulateOptions = {}): Promise<Simulation> {
  const simulation = new Simulation(await bundleOf(options), options)
  await simulation.start()
  const { VITEST } = process.env
  if (VITEST !== undefined) (await import('./when-test-ends.ts')).whenTestEnds(() => simulation.close())
  return simulation
}

async function bundleOf({ bundle, routes = 'routes/main.ts' }: SimulateOptions): Promise<Bundle> {
  if (bundle !== undefined) return bundle
  const file = path.resolve(routes)
  return buildBundle({ routes: file, root: process.cwd() })
}

/** The real stack on a network in memory, with a clock that moves when it is told to. */
export class Simulation {
  readonly network = new MemoryNetwork()
  readonly clock = new VirtualClock()
  /** What names resolve to. No other name is known: a simulation asks no server. */
  readonly names = new Map([['localhost', '127.0.0.1']])
  stack: Stack
  /** `127.0.0.1:5080`. */
  readonly proxyAddress: string
  /** What routes and core logged. */
  readonly log: LogLine[] = []
  /** The database that routes see as `sql`: here to fill its tables, and to let its answers take time. */
  readonly store: SimulatedStore
  readonly #events: LadderEvent[] = []
  readonly #socket: LocalSocket
  readonly #listen: { host: string; port: number }
  readonly #credentials: NonNullable<SimulateOptions['credentials']>
  readonly #uac: SimulatedUac
  /** Stands for `.signalbox/secret`. */
  readonly #secret = randomKey()
  readonly #registration: RegistrationSettings | undefined
  readonly #limits: Partial<Limits>
  readonly #registrar: SimulatedRegistrar
  readonly #aliases: readonly string[]
  readonly #patience: number
  #restarts = 0
  #starting: Promise<void> = Promise.resolve()
  #phones = 0
  #closed: Promise<void> | undefined

  constructor(bundle: Bundle, options: SimulateOptions) {
    const { listen = '127.0.0.1:5080', credentials = [], limits = {}, patience = PATIENCE } = options
    this.proxyAddress = listen
    this.#patience = patience
    const [host, port] = hostPort(listen)
    this.#listen = { host, port }
    this.#credentials = credentials
    this.#uac = options.uac ?? {}
    this.#limits = limits
    this.#registrar = options.registrar ?? {}
    this.#aliases = options.aliases ?? []
    this.#registration = options.registration && registrationSettings(options.registration)
    this.store = new SimulatedStore(options.database, this.clock, this.#callLog(undefined))
    this.#socket = this.network.open(host, port, (...datagram) => this.stack.receive(...datagram, this.#socket))
    this.stack = this.#makeStack(bundle)
    this.network.filter = (datagram) => this.#pass(datagram, () => 1)
  }

  /** Asks the simulation's database, at once. */
  get sql(): Sql {
    return this.store.sql
  }

  /** Makes Kamailio's tables where they are missing, as `signalbox db init` does. */
  async createTables(): Promise<void> {
    await this.store.createTables()
  }

  /** A carrier, or a phone that is called, at this address. */
  uas(address: string, behaviour: Behaviour): Uas {
    return this.#opened(new Uas((agent) => this.#open(agent, address), this.clock, behaviour))
  }

  /** A phone that calls through the proxy. */
  uac(address = `127.0.0.1:${15060 + this.#phones++}`): Uac {
    return this.#opened(new Uac((agent) => this.#open(agent, address), this.clock, `sip:${this.proxyAddress}`))
  }

  /** Loses, repeats or lets pass datagrams from now on. */
  set filter(filter: Filter) {
    this.network.filter = (datagram) => this.#pass(datagram, filter)
  }

  /** Lets this much virtual time pass: milliseconds or `'32s'`. */
  async advance(duration: number | string): Promise<void> {
    const until = this.clock.now() + parseDuration(duration)
    await this.#settle()
    while (this.clock.next() <= until) {
      this.clock.goTo(this.clock.next())
      await this.#settle()
    }
    this.clock.goTo(until)
    await this.#settle()
  }

  /** Runs until this is settled, or until nothing can happen any more. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let isDone = false
    const done = promise.finally(() => (isDone = true))
    done.catch(() => undefined)
    for (;;) {
      await this.#settle()
      if (isDone) return done
      if (this.clock.next() === Infinity) throw new Error(`nothing can happen any more:\n${this.ladder()}`)
      this.clock.goTo(this.clock.next())
    }
  }

  /** Brings in another route file, as `signalbox reload` does. Throws when it cannot be loaded. */
  async reload(routes: string): Promise<void> {
    await this.until(this.stack.runtime.load(await bundleOf({ routes })))
  }

  /** What `kill -9` and a new start leave: the same routes, and no memory of anything. `uac` is what the config says from then on. */
  restart(uac: SimulatedUac = this.#uac): void {
    const { bundle } = this.stack.runtime.live
    this.stack.trunks?.close()
    this.stack.stopTimers()
    this.stack.registrar.stop()
    this.#restarts++
    this.stack = this.#makeStack(bundle, uac)
    this.#starting = this.#begin()
    // Whoever closes the simulation hears of it.
    this.#starting.catch(() => undefined)
  }

  /** Runs the routes' `onLoad`. Rejects when it fails. */
  start(): Promise<void> {
    return this.until(this.#begin())
  }

  async #begin(): Promise<void> {
    await this.stack.start()
    this.stack.register()
  }

  /** Everything so far as a diagram. */
  ladder(): string {
    return ladder(this.#events)
  }

  /** Waits for 64 × T1 and fails when the proxy still holds a transaction, a timer or a running handler. */
  close(): Promise<void> {
    return (this.#closed ??= this.#closeAll())
  }

  async #closeAll(): Promise<void> {
    try {
      await this.#close()
    } finally {
      await this.store.close()
    }
  }

  async #close(): Promise<void> {
    await this.until(this.#starting)
    this.stack.trunks?.close()
    await this.until(this.stack.runtime.close())
    await this.advance(64 * T1)
    // Timers D, H, J, L and M of what ended a moment ago run for 64 × T1 too.
    await this.advance(64 * T1 + 5_000)
    const { layer, callees } = this.stack.proxy
    const left = {
      'server transactions': layer.servers,
      'client transactions': layer.clients,
      'calls answered here that await their ACK': callees.size,
      timers: this.stack.timers.size,
      'running handlers': this.stack.runningHandlers,
      'requests of its own': this.stack.requests.size,
    }
    const what = Object.entries(left).filter(([, count]) => count > 0)
    if (what.length === 0) return
    const list = what.map(([name, count]) => `${count} ${name}`).join(', ')
    throw new Error(`left behind after 64 × T1: ${list}\n${this.ladder()}`)
  }

  /** Delivers everything, and lets handlers that await go on, as long as that leads to something. */
  async #settle(): Promise<void> {
    const patientUntil = performance.now() + this.#patience
    for (let quiet = 0; quiet < 2; quiet++) {
      if (!this.network.isQuiet) quiet = 0
      this.network.deliver()
      await turn()
      // A query ends by itself, within seconds: what it takes in real time is none of virtual time.
      while (this.network.isQuiet && this.store.asking > 0) await turn()
      while (this.network.isQuiet && this.#awaitsTheWorld && performance.now() < patientUntil) await turn()
    }
  }

  /** Whether a handler may await something of the real world: more run than there are answers to their own requests to wait for. */
  get #awaitsTheWorld(): boolean {
    return this.stack.runningHandlers > this.stack.sending
  }

  #makeStack(bundle: Bundle, uac = this.#uac): Stack {
    const { restoreVars = {}, restorePassword = '' } = uac
    const passwords = typeof restorePassword === 'string' ? [restorePassword] : restorePassword
    const identity = { ...defaultIdentityConfig, ...uac, restorePassword: passwords }
    return new Stack({
      bundle,
      root: process.cwd(),
      timers: { t1: T1, c: TIMER_C },
      uac: {
        credentials: this.#credentials,
        authVars: { username: 'auser', password: 'apass', realm: 'arealm' },
        restoreVars,
      },
      identity: identityOptions(identity, () => this.#secret),
      sql: this.store.routeSql,
      locationStore: this.store.location,
      registrar: this.#registrar,
      calendar: () => EPOCH + this.clock.now(),
      registration: this.#registration && {
        settings: this.#registration,
        random: seeded(),
        table: new TrunkTable(this.store.routeSql, this.#callLog(undefined)),
      },
      limits: { ...defaultLimits, ...this.#limits },
      clock: this.clock,
      own: new OwnAddresses([this.#listen], this.#aliases),
      sockets: [this.#socket],
      ids: new Ids(`proxy${this.#restarts}`),
      nextHop: makeNextHop([this.#socket], (name) => this.#lookup(name)),
      observer: {
        route: ({ what, where }) => this.#events.push({ kind: 'route', at: this.proxyAddress, what, where }),
      },
      log: (callId) => this.#callLog(callId),
    })
  }

  async #lookup(name: string): Promise<string> {
    const address = this.names.get(name.toLowerCase())
    if (address === undefined) throw new Error(`${name} is not among the names of this simulation`)
    return address
  }

  #pass(datagram: Parameters<Filter>[0], filter: Filter): number {
    const copies = filter(datagram)
    if (copies > 0) this.#events.push({ kind: 'message', ...datagram })
    return copies
  }

  #open(agent: Agent, address: string): LocalSocket {
    const [host, port] = hostPort(address)
    return this.network.open(host, port, (bytes, from, fromPort) => agent.receive(bytes, from, fromPort))
  }

  #opened<A extends Agent>(agent: A): A {
    agent.wait = (promise) => this.until(promise)
    return agent
  }

  #callLog(callId: string | undefined): CallLog {
    const write = (level: LogLine['level']) => (message: string) => void this.log.push({ level, message, callId })
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
  }
}

/** As the config's schema has them. */
function registrationSettings(config: RegistrationConfig): RegistrationSettings {
  const seconds = (value: Duration): number => (typeof value === 'number' ? value : parseDuration(value) / 1_000)
  const { contact, interval = 90, retryInterval = 30, rate = 50, unregisterOnStop = false } = config
  return { contact, interval: seconds(interval), retryInterval: seconds(retryInterval), rate, unregisterOnStop }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function hostPort(address: string): [host: string, port: number] {
  const match = /^(.+):(\d+)$/.exec(address.replace(/^udp:/, ''))
  if (match === null) throw new SignalboxError('BAD_TARGET', `not an address: ${address}; expected host:port`)
  return [match[1]!, Number(match[2])]
}
