/** Reloads and rollbacks, one at a time: what is asked for meanwhile collapses into the newest. What they came to is counted and logged here. */
import path from 'node:path'
import { RpcError } from './admin/rpc.ts'
import { settingsOf } from './config/changes.ts'
import type { Engine } from './engine.ts'
import { firstProblem, SignalboxError } from './errors.ts'
import type { Log } from './log/log.ts'
import type { IncomingRoutes, Reloaded, RunningConfig } from './running-config.ts'
import type { GenerationInfo } from './runtime/generation.ts'
import { NewestWins } from './runtime/newest-wins.ts'

/** Reads again what the proxy was started from, or the bundle in this folder. */
export type Rebuild = (folder?: string) => Promise<IncomingRoutes>

export interface ReloadsOptions {
  readonly engine: Pick<Engine, 'load' | 'rollback' | 'reloads'>
  readonly config: RunningConfig
  readonly rebuild: Rebuild | undefined
  readonly log: Log
}

export class Reloads {
  readonly #options: ReloadsOptions
  readonly #inTurn = new NewestWins<Reloaded>()

  constructor(options: ReloadsOptions) {
    this.#options = options
  }

  reload(incoming?: IncomingRoutes): Promise<Reloaded> {
    // Who brings a bundle of his own says so himself.
    const what = incoming === undefined ? 'reload' : undefined
    return this.#run(what, async () => this.#load(incoming ?? (await this.#rebuild())))
  }

  rollback(): Promise<Reloaded> {
    return this.#run('rollback', () => this.#options.engine.rollback())
  }

  reloadByRpc(folder: unknown): Promise<Reloaded> {
    if (folder === undefined) return this.reload()
    if (typeof folder !== 'string' || !path.isAbsolute(folder))
      throw new RpcError(400, 'expected the absolute path of a folder with a bundle')
    return this.#run(`reload of ${folder}`, async () => this.#load(await this.#rebuild(folder)))
  }

  /** The config is taken on only with the routes. */
  async #load({ bundle, config, settings = config && settingsOf(config) }: IncomingRoutes): Promise<GenerationInfo> {
    const info = await this.#options.engine.load({ bundle, ...(config && { config }), ...(settings && { settings }) })
    if (config !== undefined) this.#options.config.take(config)
    return info
  }

  /** Counted, and logged as `what`. */
  #run(what: string | undefined, bring: () => Promise<GenerationInfo>): Promise<Reloaded> {
    return this.#inTurn.run(() => this.#counted(what, bring))
  }

  async #counted(what: string | undefined, bring: () => Promise<GenerationInfo>): Promise<Reloaded> {
    const { engine, config, log } = this.#options
    try {
      const info = await bring()
      engine.reloads.add('taken')
      const { restart } = config
      if (what !== undefined) log.info(`live: generation ${info.number} (${info.hash}), by a ${what}`)
      if (what !== undefined && restart.length > 0)
        log.warn(`changed in the config, takes effect at the next start: ${restart.join(', ')}`)
      return { ...info, restart }
    } catch (error) {
      engine.reloads.add('refused')
      if (what !== undefined) log.warn(`${what} refused: ${firstProblem(error)}`)
      throw error
    }
  }

  async #rebuild(folder?: string): Promise<IncomingRoutes> {
    const { rebuild } = this.#options
    if (rebuild === undefined)
      throw new SignalboxError('BUILD', 'this proxy was started without sources to rebuild from')
    return rebuild(folder)
  }
}
