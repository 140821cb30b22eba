/**
 * **bytes → transport → message → transaction (§17) → proxy (§16) asks for targets → runtime runs the user's route → proxy forwards →
 * transaction → transport → bytes.** The wiring: what serves calls, in this process or in several, and whom operators talk to.
 */
import path from 'node:path'
import { openAdmin, type Admin } from './admin/admin.ts'
import type { Methods, RpcMethod } from './admin/rpc.ts'
import type { Bundle } from './build/bundle.ts'
import type { ResolvedConfig } from './config/config.ts'
import type { Engine } from './engine.ts'
import { keyOfFile, randomKey } from './identity/keys.ts'
import { openLog, type Log } from './log/log.ts'
import { Reloads } from './reloads.ts'
import type { GenerationInfo } from './runtime/generation.ts'
import { RunningConfig, type IncomingRoutes, type Reloaded } from './running-config.ts'
import { Serving, type ServerObserver } from './serving.ts'
import { Workers } from './workers/workers.ts'

export type { ServerObserver } from './serving.ts'

/** What `createServer` needs. */
export interface ServerOptions {
  readonly config: ResolvedConfig
  readonly bundle: Bundle
  /** For a reload that brings nothing: what the proxy was started from, read again, or the bundle in this folder. */
  rebuild?(folder?: string): Promise<IncomingRoutes>
  /** Watches routes run and messages pass: with it there is one process, whatever `workers` says. */
  readonly observer?: ServerObserver
  /** Where log lines go. Default: stdout, as the config says. Worker processes have no other. */
  readonly log?: Log
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
  /** With several workers what runs on each is as it was when somebody last asked. */
  generations(): GenerationInfo[]
  /** Takes nothing new; resolves when no transaction owes an answer, at the latest after `drain.timeout`. */
  drain(): Promise<void>
  close(): Promise<void>
}

/** Opens the sockets and the admin port and makes the bundle live. Rejects with `SignalboxError`, nothing left open. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const log = options.log ?? openLog(options.config.log, options.config.workers > 1 ? { who: 'primary' } : {})
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
  readonly #engine: Engine
  readonly #reloads: Reloads
  #admin: Admin | undefined
  #isStarting = true
  #isDraining = false

  constructor(options: ServerOptions, log: Log) {
    const { config, rebuild } = options
    this.#options = options
    this.log = log
    const running = new RunningConfig(config, log)
    this.#engine = this.#makeEngine(running)
    this.#reloads = new Reloads({ engine: this.#engine, config: running, rebuild, log })
  }

  async open(): Promise<void> {
    const { admin, aliases } = this.#options.config
    const engine = this.#engine
    await engine.open()
    this.#admin = await openAdmin({
      ...admin,
      aliases,
      methods: this.#methods(),
      metrics: () => engine.metrics(),
      notReady: () => (engine.isDraining ? 'draining' : this.#isStarting ? 'starting' : undefined),
      isDegraded: () => engine.isDegraded(),
    })
    await engine.register()
    this.#isStarting = false
  }

  #makeEngine(running: RunningConfig): Engine {
    const { config, bundle, observer } = this.#options
    const given = { config, bundle, running, log: this.log, randomKey: () => this.#randomKey() }
    if (config.workers === 1) return new Serving({ ...given, observer })
    if (observer === undefined) return new Workers(given)
    this.log.warn(
      `workers is ${config.workers}, but who watches every message can watch one process only: there is one`,
    )
    return new Serving({ ...given, observer })
  }

  get listening(): readonly string[] {
    return this.#engine.listening
  }

  get admin(): string {
    return this.#admin!.at
  }

  generations(): GenerationInfo[] {
    return this.#engine.generations()
  }

  reload(incoming?: IncomingRoutes): Promise<Reloaded> {
    return this.#reloads.reload(incoming)
  }

  rollback(): Promise<Reloaded> {
    return this.#reloads.rollback()
  }

  drain(): Promise<void> {
    this.#isDraining = true
    return this.#engine.drain()
  }

  #drainByRpc(): void {
    if (!this.#isDraining) this.log.info('draining, as core.drain asked: calls in progress may finish')
    void this.drain()
  }

  async close(): Promise<void> {
    await this.#admin?.close()
    await this.#engine.close()
    this.log.close()
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
      ['routes.generations', () => this.#engine.askGenerations()],
      ['routes.reload', ([folder]) => this.#reloads.reloadByRpc(folder)],
      ['routes.rollback', () => this.rollback()],
      ...this.#engine.methods(),
    ])
  }

  async #status(): Promise<object> {
    return {
      pid: process.pid,
      node: process.version,
      uptime: Math.round(process.uptime()),
      listening: this.listening,
      ...(await this.#engine.status()),
    }
  }
}
