/** One worker of several: a stack on the addresses and ports that all share, which keeps what is its own and passes on the rest. */
import { Counter } from 'prom-client'
import { SignalboxError } from '../errors.ts'
import { openLog, type Log } from '../log/log.ts'
import { ownerOf } from '../message/owner.ts'
import { Ids } from '../proxy/ids.ts'
import type { Generation } from '../runtime/generation.ts'
import { RunningConfig } from '../running-config.ts'
import { Serving } from '../serving.ts'
import { HandOver } from '../transport/hand-over.ts'
import type { Handlers } from './link.ts'
import type { WorkerStatus } from './merge.ts'
import type { Commit, NumberedRoutes, Orders, Questions, Started, WorkerOrder } from './protocol.ts'
import { OwnedElsewhere, OwnedHere, type Primary, type Sharing } from './sharing.ts'

export class Worker {
  readonly #primary: Primary
  #log!: Log
  #running!: RunningConfig
  #serving!: Serving
  #sharing!: Sharing
  #handOver!: HandOver
  #staged: Generation | undefined
  /** Of the newest stage: what ends after it was taken back is dropped. */
  #staging: NumberedRoutes | undefined

  constructor(primary: Primary) {
    this.#primary = primary
  }

  readonly handlers: Handlers<Questions, Orders> = {
    asked: {
      open: (order) => this.#open(order),
      bind: () => this.#bind(),
      start: () => this.#start(),
      stage: (routes) => this.#stage(routes),
      commit: (commit) => this.#commit(commit),
      register: async () => {
        await this.#serving.register()
        return null
      },
      generations: () => this.#serving.generations(),
      status: () => this.#status(),
      metrics: () => this.#serving.registry.getMetricsAsJSON(),
      rpc: ({ method, params }) => new Map(this.#serving.methods()).get(method)!(params),
      share: (what) => {
        this.#sharing.take(what)
        return null
      },
      drain: async () => {
        await this.#serving.drain()
        return null
      },
      close: () => this.#close(),
    },
    told: {
      peers: (ports) => this.#handOver.setPeers(ports.map((port) => port ?? undefined)),
      abort: () => this.#abort(),
      wanted: (topic) => void this.#sharing.tellAll(topic),
    },
  }

  async #open({ worker, workers, config, routes, key = '' }: WorkerOrder): Promise<number> {
    this.#log = openLog(config.log, { who: worker })
    this.#running = new RunningConfig(config, this.#log)
    const Owned = worker === 0 ? OwnedHere : OwnedElsewhere
    this.#sharing = new Owned(this.#primary, config.uac.registration)
    const { isCopy, stack } = this.#sharing
    const handOver = (this.#handOver = await HandOver.open(
      { sockets: config.listen.length, onTurn: () => this.#serving.turnEnded() },
      (bytes, address, port, socket) => this.#serving.take(bytes, address, port, socket),
      (error) => this.#log.warn(`hand-over: ${error.message}`),
    ))
    this.#serving = new Serving({
      config,
      bundle: routes.bundle,
      running: this.#running,
      randomKey: () => Buffer.from(key, 'hex'),
      log: this.#log,
      part: {
        first: routes,
        isCopy,
        stack: { ...stack, ids: new Ids(undefined, { worker, workers }) },
        socket: { shared: true },
        queues: [handOver],
        passesOn(bytes, address, port, socket) {
          const owner = ownerOf(bytes, workers)
          if (owner === undefined || owner === worker) return false
          handOver.send(owner, bytes, socket, address, port)
          return true
        },
      },
    })
    return handOver.port
  }

  async #bind(): Promise<readonly string[]> {
    await this.#serving.bind()
    return this.#serving.listening
  }

  async #start(): Promise<Started> {
    const serving = this.#serving
    await serving.start()
    this.#sharing.begin(serving.stack)
    this.#countHandOvers()
    return { generation: serving.runtime.live.info, methods: serving.methods().map(([name]) => name) }
  }

  async #stage(routes: NumberedRoutes): Promise<null> {
    const { runtime } = this.#serving
    this.#abort()
    this.#staging = routes
    const staged = await runtime.stage(routes, routes.number)
    if (this.#staging === routes) {
      this.#staged = staged
      return null
    }
    await runtime.discard(staged)
    throw new SignalboxError('STOPPED', `generation ${routes.number} was taken back while it was loaded`)
  }

  #commit({ ending, config }: Commit): null {
    this.#serving.runtime.commit(this.#staged!, ending)
    this.#staged = this.#staging = undefined
    if (config !== undefined) this.#running.take(config)
    return null
  }

  #abort(): void {
    if (this.#staged !== undefined) void this.#serving.runtime.discard(this.#staged)
    this.#staged = this.#staging = undefined
  }

  #status(): WorkerStatus {
    const uptime = Math.round(process.uptime())
    return { ...this.#serving.status(), pid: process.pid, uptime, degraded: this.#serving.isDegraded() }
  }

  async #close(): Promise<null> {
    this.#abort()
    await this.#serving.close()
    await this.#handOver.close()
    this.#log.close()
    return null
  }

  #countHandOvers(): void {
    const { counts } = this.#handOver
    new Counter({
      name: 'signalbox_handed_over_total',
      help: 'Datagrams that came to one worker and belong to another',
      labelNames: ['result'],
      registers: [this.#serving.registry],
      collect() {
        this.reset()
        for (const [result, count] of Object.entries(counts)) this.inc({ result }, count)
      },
    })
  }
}
