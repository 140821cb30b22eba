/**
 * The real stack on a memory network with a virtual clock: nothing is mocked but the sockets and the time. Waiting for a call runs the
 * simulation: what is under way is delivered, handlers that await are waited for, and when nothing else can happen the clock
 * goes to the next timer.
 */
import type { Sql } from '@signalbox/dsl'
import type { Bundle } from '../build/bundle.ts'
import { parseDuration } from '../config/duration.ts'
import { defaultIdentityConfig } from '../identity/defaults.ts'
import { identityOptions } from '../identity/from-config.ts'
import { defaultLimits } from '../limits.ts'
import { Ids } from '../proxy/ids.ts'
import { OwnAddresses } from '../proxy/own-addresses.ts'
import { makeNextHop } from '../resolve/next-hop.ts'
import type { Generation } from '../runtime/generation.ts'
import { NewestWins } from '../runtime/newest-wins.ts'
import type { CallLog } from '../runtime/options.ts'
import { Stack } from '../stack.ts'
import { TrunkTable } from '../trunks/table.ts'
import type { LocalSocket } from '../transport/flow.ts'
import type { Agent, AgentWorld } from './agent.ts'
import { hostPort } from './host-port.ts'
import { impaired, type Impairment } from './impairment.ts'
import { Journal } from './journal.ts'
import { leftovers } from './leftovers.ts'
import type { Net } from './net.ts'
import { MemoryNetwork, type Filter } from './network.ts'
import { routeBundle } from './route-bundle.ts'
import { seeded, seededBytes } from './seeded.ts'
import { registrationSettings, type LogLine, type SimulatedUac, type SimulateOptions } from './simulate-options.ts'
import { SimulatedStore } from './simulated-store.ts'
import { Uac } from './uac.ts'
import { Uas, type Behaviour } from './uas.ts'
import { VirtualClock } from './virtual-clock.ts'

const PATIENCE = 200
/** When virtual time begins: any moment will do. */
const EPOCH = Date.UTC(2026, 0, 1)

/**
 * Starts a proxy with these routes on a network in memory and a clock that stands still until there is nothing else to do. Under vitest it is closed,
 * and checked for leaks, when the test ends.
 *
 * On the wire: nothing; every message stays in this process. Rejects with `BUILD`, `CONFIG`, `BAD_BUNDLE`, `NO_ROUTE` or `ON_LOAD`, as `signalbox start`
 * would refuse the same routes.
 *
 * @example
 * const net = await simulate({ seed: 7 })
 * net.uas('127.0.0.1:5090', answer(), 'carrier')
 * const call = await net.uac().invite('sip:bob@127.0.0.1:5080')
 * expect(call).toReach('carrier')
 */
export async function simulate(options: SimulateOptions = {}): Promise<Simulation> {
  const simulation = new Simulation(options.bundle ?? (await routeBundle(options.routes)), options)
  await simulation.start()
  const { VITEST } = process.env
  if (VITEST !== undefined) (await import('./when-test-ends.ts')).whenTestEnds(() => simulation.close())
  return simulation
}

/** A proxy under test, its network and its clock: what `simulate` resolves with. */
export class Simulation implements Net {
  readonly clock = new VirtualClock()
  readonly network = new MemoryNetwork(this.clock)
  /** What names resolve to. No other name is known: a simulation asks no server. */
  readonly names = new Map([['localhost', '127.0.0.1']])
  stack: Stack
  /** `127.0.0.1:5080`. */
  readonly proxyAddress: string
  /** What routes and core logged. */
  readonly log: LogLine[] = []
  /** The database that routes see as `sql`: here to fill its tables, and to let its answers take time. */
  readonly store: SimulatedStore
  readonly #journal: Journal
  readonly #reloads = new NewestWins<Generation>()
  readonly #socket: LocalSocket
  readonly #listen: { host: string; port: number }
  readonly #options: SimulateOptions
  readonly #seed: number
  readonly #chance: () => number
  /** Stands for `.signalbox/secret`. */
  readonly #secret: Buffer
  readonly #timers: { t1: number; c: number }
  /** Of the routes: the time of each, in milliseconds. */
  readonly #timersLeft: number[] = []
  #restarts = 0
  #starting: Promise<void> = Promise.resolve()
  #phones = 0
  #closed: Promise<void> | undefined

  constructor(bundle: Bundle, options: SimulateOptions) {
    const { listen = '127.0.0.1:5080', seed = 1 } = options
    const [host, port] = hostPort(listen)
    this.proxyAddress = `${host}:${port}`
    this.#options = options
    this.#seed = seed
    this.#chance = seeded(seed)
    this.#secret = seededBytes(this.#chance)(32)
    this.#timers = { t1: 500, c: 180_000, ...options.timers }
    this.#listen = { host, port }
    this.#journal = new Journal(this.proxyAddress, () => this.clock.now())
    this.network.watch = (datagram, delays) => this.#journal.message(datagram, delays)
    this.store = new SimulatedStore(options.database ?? 'sqlite::memory:', this.clock, this.#callLog(undefined))
    this.#socket = this.network.open(host, port, (...datagram) => this.stack.receive(...datagram, this.#socket))
    this.stack = this.#makeStack(bundle)
  }

  /** Asks the simulation's database, at once. */
  get sql(): Sql {
    return this.store.sql
  }

  /** Makes Kamailio's tables where they are missing, as `signalbox db init` does. */
  async createTables(): Promise<void> {
    await this.store.createTables()
  }

  /** A carrier, or a phone that is called, at this address. Diagrams and matchers know it by its name too. */
  uas(address: string, behaviour: Behaviour, name?: string): Uas {
    return this.#opened(new Uas(this.#world(address), behaviour), name)
  }

  /** A phone that calls through the proxy. */
  uac(address = `127.0.0.1:${15060 + this.#phones++}`, name?: string): Uac {
    return this.#opened(new Uac(this.#world(address), `sip:${this.proxyAddress}`), name)
  }

  /**
   * Loses, repeats or lets pass datagrams from now on: how many copies of each arrive.
   *
   * @example net.filter = ({ wire }) => (wire.startsWith('ACK ') ? 0 : 1)
   */
  set filter(filter: Filter) {
    this.network.filter = filter
  }

  /**
   * From now on lines lose, double and delay what they carry, by the seed; `{}` mends them. Throws on a share that is not between 0 and 1.
   *
   * @example net.impair({ loss: 0.1, duplicate: 0.05, jitter: '20ms', at: 'carrier-b' })
   */
  impair(impairment: Impairment): void {
    const { at, seed = this.#seed } = impairment
    const peer = at === undefined ? undefined : this.#journal.addressOf(at)
    const isOn = ({ from, to }: { from: string; to: string }) => peer === undefined || from === peer || to === peer
    this.network.line = impaired(impairment, seeded(seed), isOn)
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

  /** Brings in another route file, or a bundle, as `signalbox reload` does: one at a time, the newest wins. Rejects when it cannot be loaded. */
  async reload(routes: string | Bundle): Promise<void> {
    const bundle = typeof routes === 'string' ? await routeBundle(routes) : routes
    const { titles } = await this.until(this.#reloads.run(() => this.stack.runtime.load(bundle)))
    this.#journal.knowsRoutes(titles)
  }

  /** Brings back the routes before, as `signalbox rollback` does. */
  async rollback(): Promise<void> {
    await this.until(this.#reloads.run(() => this.stack.runtime.rollback()))
  }

  /** What `kill -9` and a new start leave: the same routes, and no memory of anything. `uac` is what the config says from then on. */
  restart(uac: SimulatedUac = this.#options.uac ?? {}): void {
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
    this.#journal.knowsRoutes(this.stack.runtime.live.titles)
    await this.stack.start()
    await this.stack.register()
  }

  /** Everything so far as a diagram, with the route lines that ran. */
  ladder(): string {
    return this.#journal.ladder()
  }

  /** Everything so far, every byte with its time and its fate: the same seed, the same text. */
  transcript(): string {
    return this.#journal.transcript()
  }

  /** What went between the proxy and each peer, in order, without retransmissions: `> 1 INVITE` came from the peer. */
  sequence(): Record<string, string[]> {
    return this.#journal.sequence()
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
    await this.#letTimersFire()
    this.stack.trunks?.close()
    await this.until(this.stack.runtime.close())
    // RFC 3261 §17.1.1.2: timer D is no less than 32 s, however short T1 is.
    const wait = Math.max(64 * this.#timers.t1, 32_000)
    await this.advance(wait)
    // Timers D, H, J, L and M of what ended a moment ago run for 64 × T1 too.
    await this.advance(wait + 5_000)
    const left = leftovers(this.stack, this.#journal, wait, this.#timersLeft.filter((delay) => delay > wait).length)
    if (left !== undefined) throw new Error(left)
  }

  /** The routes' timers are the machine's: those that are due in a moment do what they do before it is looked at what they leave. */
  async #letTimersFire(): Promise<void> {
    const { patience = PATIENCE } = this.#options
    const until = performance.now() + patience
    const isSoon = (delay: number): boolean => delay <= patience
    while (performance.now() < until && this.stack.runtime.timerDelays.some(isSoon)) await turn()
    await this.#settle()
  }

  /** Delivers everything, and lets handlers that await go on, as long as that leads to something. */
  async #settle(): Promise<void> {
    const patientUntil = performance.now() + (this.#options.patience ?? PATIENCE)
    for (let quiet = 0; quiet < 2 || !this.network.isQuiet; quiet++) {
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

  #makeStack(bundle: Bundle, uac = this.#options.uac ?? {}): Stack {
    const { credentials = [], registration, limits, registrar = {}, aliases = [] } = this.#options
    const { restoreVars = {}, restorePassword = '' } = uac
    const passwords = typeof restorePassword === 'string' ? [restorePassword] : restorePassword
    const identity = { ...defaultIdentityConfig, ...uac, restorePassword: passwords }
    const random = seededBytes(this.#chance)
    return new Stack({
      bundle,
      root: process.cwd(),
      timers: this.#timers,
      uac: { credentials, authVars: { username: 'auser', password: 'apass', realm: 'arealm' }, restoreVars },
      identity: identityOptions(identity, () => this.#secret),
      sql: this.store.routeSql,
      locationStore: this.store.location,
      registrar,
      calendar: () => EPOCH + this.clock.now(),
      registration: registration && {
        settings: registrationSettings(registration),
        random: this.#chance,
        table: new TrunkTable(this.store.routeSql, this.#callLog(undefined)),
      },
      limits: { ...defaultLimits, ...limits },
      handlers: { deadline: parseDuration(this.#options.deadline ?? '30s'), cpu: Infinity },
      clock: this.clock,
      own: new OwnAddresses([this.#listen], aliases),
      sockets: [this.#socket],
      ids: new Ids(`proxy${this.#restarts}x${random(4).toString('hex')}`),
      random,
      nextHop: makeNextHop([this.#socket], (name) => this.#lookup(name)),
      observer: {
        route: (event) => this.#journal.route(event),
        timersLeft: (delays) => void this.#timersLeft.push(...delays),
      },
      log: (callId) => this.#callLog(callId),
    })
  }

  async #lookup(name: string): Promise<string> {
    const address = this.names.get(name.toLowerCase())
    if (address === undefined) throw new Error(`${name} is not among the names of this simulation`)
    return address
  }

  #world(address: string): AgentWorld {
    const [host, port] = hostPort(address)
    return {
      open: (agent) => this.network.open(host, port, (...datagram) => agent.receive(...datagram)),
      clock: this.clock,
      salt: this.#seed.toString(36),
    }
  }

  #opened<A extends Agent>(agent: A, name: string | undefined): A {
    if (name !== undefined) this.#journal.names.set(agent.address, name)
    agent.journal = this.#journal
    agent.wait = (promise) => this.until(promise)
    return agent
  }

  #callLog(callId: string | undefined): CallLog {
    const write = (level: LogLine['level']) => (message: string) => void this.log.push({ level, message, callId })
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
