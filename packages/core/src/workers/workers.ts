/**
 * Several worker processes as one proxy: the engine of a server with more than one of `workers`. This process, the primary, has no SIP socket and runs no
 * routes: it starts workers, replaces those that end, brings generations into all of them or none, and adds up what they say. docs/workers.md.
 */
import { RpcError, type RpcMethod } from '../admin/rpc.ts'
import { settingsOf } from '../config/changes.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { Counter } from '../counters.ts'
import type { Engine } from '../engine.ts'
import { SignalboxError } from '../errors.ts'
import { needsRandomKey } from '../identity/from-config.ts'
import type { GenerationInfo } from '../runtime/generation.ts'
import { Scratch } from '../runtime/scratch.ts'
import type { IncomingRoutes } from '../running-config.ts'
import type { ServingOptions } from '../serving.ts'
import { within } from '../store/within.ts'
import { realClock } from '../timers/clock.ts'
import { UdpSocket } from '../transport/udp.ts'
import { CommonRoutes } from './common-routes.ts'
import { mergeGenerations, mergeStatuses, workerInfo, type WorkerStatus } from './merge.ts'
import type { Questions, SharedEntries, WorkerOrder } from './protocol.ts'
import { SharedMap, type Topic } from './shared-map.ts'
import { Slot } from './slot.ts'
import { Sums } from './sums.ts'
import { WorkerEnded } from './worker-process.ts'

/** How long a worker may take to say how it is, in milliseconds: it may be in a route's loop. */
const PATIENCE = 2_000
/** The same for what reads or changes tables. */
const RPC = 10_000
/** What closing may take beside what is left of `drain.timeout`: `onDispose`, contacts that are to be written. */
const LAST = 4_000

export class Workers implements Engine {
  readonly reloads = new Counter()
  readonly #options: ServingOptions
  readonly #slots: readonly Slot[]
  readonly #sums: Sums
  readonly #scratch: Scratch
  readonly #shared: Readonly<Record<Topic, SharedMap>> = { location: new SharedMap(), trunks: new SharedMap() }
  /** Somebody waits for all of it to be told. */
  readonly #wanted = new Set<Topic>()
  /** With the ports that were found free. */
  #config: ResolvedConfig
  #key: string | undefined
  #routes!: CommonRoutes
  #generations: GenerationInfo[] = []
  #isRegistering = false
  #draining: Promise<void> | undefined

  constructor(options: ServingOptions) {
    const { config } = options
    this.#options = options
    this.#config = config
    this.#scratch = new Scratch({ root: config.dir })
    this.#slots = Array.from({ length: config.workers }, (_, worker) => this.#makeSlot(worker))
    this.#sums = new Sums(this.#slots, this.reloads)
  }

  async open(): Promise<void> {
    const { config, bundle, randomKey, log } = this.#options
    if (needsRandomKey(config.uac)) this.#key = randomKey().toString('hex')
    this.#config = { ...config, listen: await probed(config.listen) }
    const armed = await this.#scratch.evaluate(bundle, 1)
    const first = { bundle, armed, settings: settingsOf(config), number: 1 }
    this.#routes = new CommonRoutes({ first, slots: this.#slots, scratch: this.#scratch })
    await this.#startAll()
    for (const slot of this.#slots) slot.keep()
    this.#generations = await this.askGenerations()
    if (config.database.kind === 'sqlite' && config.database.file === ':memory:')
      log.warn('database is sqlite::memory: and each worker has its own: what one writes the others do not read')
    log.info(`${config.workers} workers: ${this.#slots.map(({ pid }) => pid).join(', ')}`)
  }

  register(): Promise<void> {
    this.#isRegistering = true
    return this.#slots[0]!.register()
  }

  get listening(): readonly string[] {
    return this.#slots[0]!.listening
  }

  get isDraining(): boolean {
    return this.#draining !== undefined
  }

  generations(): GenerationInfo[] {
    return this.#generations
  }

  async askGenerations(): Promise<GenerationInfo[]> {
    const lists = await this.#askAll('generations')
    if (lists.size > 0) this.#generations = mergeGenerations([...lists.values()])
    return this.#generations
  }

  async load(incoming: IncomingRoutes): Promise<GenerationInfo> {
    await this.#routes.load(incoming)
    return this.#live()
  }

  async rollback(): Promise<GenerationInfo> {
    await this.#routes.rollback()
    return this.#live()
  }

  methods(): [string, RpcMethod][] {
    return this.#slots[0]!.methods.map((method) => [method, (params) => this.#rpc(method, params)])
  }

  async metrics(): Promise<string> {
    await this.#askAll('metrics', (worker, metrics) => this.#sums.heard(worker, metrics))
    return this.#sums.total()
  }

  async status(): Promise<object> {
    const said = await this.#askAll('status')
    return {
      draining: this.isDraining,
      generation: await this.#live(),
      ...mergeStatuses([...said.values()], process.memoryUsage().rss),
      workers: this.#slots.map(({ worker, restarts }) => workerInfo(worker, restarts, said.get(worker))),
    }
  }

  async isDegraded(): Promise<boolean> {
    const said: ReadonlyMap<number, WorkerStatus> = await this.#askAll('status')
    return said.size < this.#slots.length || [...said.values()].some(({ degraded }) => degraded)
  }

  drain(): Promise<void> {
    return (this.#draining ??= this.#drainOnce())
  }

  async close(): Promise<void> {
    const left = Math.max(0, this.#options.running.stopBy - realClock.now())
    await Promise.all(this.#slots.map((slot) => slot.close(left + LAST)))
    await this.#scratch.close()
  }

  /** All at once; rejects with the first that cannot. */
  async #startAll(): Promise<void> {
    try {
      await Promise.all(this.#slots.map((slot) => slot.bind()))
      await Promise.all(this.#slots.map((slot) => slot.start()))
    } catch (error) {
      if (!(error instanceof WorkerEnded)) throw error
      const text = `a worker could not load the routes: ${error.message}`
      throw new SignalboxError('ON_LOAD', text, [{ text }])
    }
  }

  #makeSlot(worker: number): Slot {
    return new Slot({
      worker,
      workers: this.#options.config.workers,
      log: this.#options.log,
      order: () => this.#order(worker),
      handlers: {
        asked: { share: (what) => this.#share(what, worker) },
        told: { wanted: (topic) => this.#want(topic, worker) },
      },
      opened: (slot) => this.#introduce(slot),
      started: (slot) => {
        if (worker === 0 && this.#isRegistering) void slot.register()
        void this.#routes.catchUp(slot)
      },
      away: () => {
        this.#sums.ended(worker)
        this.#tellPeers()
      },
    })
  }

  #order(worker: number): WorkerOrder {
    const { live, config: { drain, log } = this.#config } = this.#routes
    const config = withSettings({ ...this.#config, drain, log }, live.settings)
    return { worker, workers: this.#slots.length, config, routes: live, ...(this.#key && { key: this.#key }) }
  }

  /** A worker is there: the others get to know it, and it what they know. */
  #introduce(slot: Slot): void {
    this.#tellPeers()
    for (const [topic, map] of Object.entries(this.#shared) as [Topic, SharedMap][]) {
      for (const entries of map.pages()) void slot.share({ topic, entries })
      if (map.isWhole) void slot.share({ topic, entries: [], isWhole: true })
      else if (slot.worker === 0 && this.#wanted.has(topic)) slot.tell('wanted', topic)
    }
  }

  #tellPeers(): void {
    const ports = this.#slots.map(({ handOver }) => handOver ?? null)
    for (const slot of this.#slots) slot.tell('peers', ports)
  }

  async #share(what: SharedEntries, from: number): Promise<null> {
    this.#shared[what.topic].take(what)
    await Promise.all(this.#slots.filter(({ worker }) => worker !== from).map((slot) => slot.share(what)))
    return null
  }

  #want(topic: Topic, worker: number): void {
    if (this.#shared[topic].isWhole) return void this.#slots[worker]!.share({ topic, entries: [], isWhole: true })
    this.#wanted.add(topic)
    this.#slots[0]!.tell('wanted', topic)
  }

  async #live(): Promise<GenerationInfo> {
    const { number, bundle } = this.#routes.live
    const generations = await this.askGenerations()
    const none = { transactions: 0, dialogs: 0, since: new Date().toISOString() }
    return generations.find((info) => info.number === number) ?? { number, hash: bundle.hash, state: 'live', ...none }
  }

  async #rpc(method: string, params: readonly unknown[]): Promise<unknown> {
    const [slot] = this.#slots
    if (!slot!.isUp) throw new RpcError(500, 'worker 0, which knows, is being replaced: ask again')
    return within(RPC, slot!.link.ask('rpc', { method, params }))
  }

  /** By worker. Who is away, or does not answer soon, is not there. */
  async #askAll<Name extends SelfReport>(
    name: Name,
    heard?: (worker: number, answer: Questions[Name]['answer']) => void,
  ): Promise<Map<number, Questions[Name]['answer']>> {
    const answers = new Map<number, Questions[Name]['answer']>()
    const ask = async ({ worker, link }: Slot): Promise<void> => {
      const answer = await within(PATIENCE, link.ask(name, null))
      heard?.(worker, answer)
      answers.set(worker, answer)
    }
    await Promise.allSettled(this.#slots.filter(({ isUp }) => isUp).map(ask))
    return answers
  }

  /** A worker that ends meanwhile is not replaced: it would have nothing to do. */
  async #drainOnce(): Promise<void> {
    const left = Math.max(0, this.#options.running.stopBy - realClock.now())
    await Promise.all(this.#slots.map((slot) => slot.drain(left + PATIENCE)))
  }
}

/** What a worker says of itself. */
type SelfReport = 'generations' | 'metrics' | 'status'

/** A port that somebody has is found out before workers share it; one that is not fixed is chosen once for all. */
async function probed(listen: ResolvedConfig['listen']): Promise<ResolvedConfig['listen']> {
  const ports = await UdpSocket.probe(listen)
  return listen.map((entry, i) => ({ ...entry, port: ports[i]! }))
}

/** The part of the config that goes live with a generation is that of the live one. */
function withSettings(config: ResolvedConfig, { uac, handlers }: ReturnType<typeof settingsOf>): ResolvedConfig {
  return {
    ...config,
    uac: {
      ...config.uac,
      ...uac,
      restoreVars: uac.restoreVars ?? config.uac.restoreVars,
      credentials: [...uac.credentials],
    },
    handlers: { ...config.handlers, deadline: handlers.deadline },
  }
}
