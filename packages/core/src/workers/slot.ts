/** A worker's number and who has it: the process that is there, or the one that takes its place. What becomes of others is not known here. */
import { firstProblem } from '../errors.ts'
import type { Log } from '../log/log.ts'
import { within } from '../store/within.ts'
import type { Handlers } from './link.ts'
import type { Commit, NumberedRoutes, Orders, Reports, SharedEntries, Wishes, WorkerOrder } from './protocol.ts'
import { WorkerEnded, WorkerProcess } from './worker-process.ts'

export interface SlotOptions {
  readonly worker: number
  /** How many there are. */
  readonly workers: number
  readonly log: Log
  /** What it is to serve now. */
  order(): WorkerOrder
  /** What is done about what it says. */
  readonly handlers: Handlers<Wishes, Reports>
  /** The others can hand over to it. */
  opened(slot: Slot): void
  /** It serves again. */
  started(slot: Slot): void
  /** It has ended, and none has taken its place yet. */
  away(slot: Slot): void
}

/** Milliseconds before a worker is started that has failed again, doubled each time. */
const AGAIN = 250
const AGAIN_AT_MOST = 10_000
/** Milliseconds that a phone may wait for its answer because of this worker: less than T1, after which it would send again. */
const SOON = 300
/** Milliseconds for staging beside the `onLoad`, which has a deadline of its own. */
export const STAGES = 10_000
/** Milliseconds for making live what was staged, and for hearing requests: reloads and the start wait for it. */
const ANSWERS = 5_000
/** Who has lived so long, in milliseconds, did not fail at once. */
const LONG = 10_000

export class Slot {
  readonly worker: number
  readonly #options: SlotOptions
  #process: WorkerProcess | undefined
  #startedAt = 0
  #again: NodeJS.Timeout | undefined
  #failures = 0
  /** Whether the process that is there has something to be made live. */
  #hasStaged = false
  /** Whether another process takes the place of one that ends. */
  #isKept = false
  /** The port of its hand-over socket; undefined while it is away. */
  handOver: number | undefined
  listening: readonly string[] = []
  methods: readonly string[] = []
  /** How often another process took its place. */
  restarts = 0
  /** The number of the generation that it serves; undefined while it serves none. */
  generation: number | undefined

  constructor(options: SlotOptions) {
    this.#options = options
    this.worker = options.worker
  }

  /** Whether it serves. */
  get isUp(): boolean {
    return this.generation !== undefined
  }

  /** Starts a process, and opens its sockets. */
  async bind(): Promise<void> {
    const { order, handlers, opened, workers } = this.#options
    const process = (this.#process = new WorkerProcess(handlers, workers))
    this.#startedAt = performance.now()
    void process.ended.then((how) => this.#ended(process, how))
    this.handOver = await process.link.ask('open', order())
    opened(this)
    // All know each other by the time that the first datagram comes.
    this.listening = await process.link.ask('bind', null)
  }

  /** Makes its routes live. */
  async start(): Promise<void> {
    const { generation, methods } = await this.link.ask('start', null)
    this.methods = methods
    this.generation = generation.number
  }

  /** It keeps the trunks registered. Resolves when it hears requests; never rejects: one that takes its place is told so, too. */
  async register(): Promise<void> {
    if (this.isUp) await within(ANSWERS, this.link.ask('register', null)).catch(() => undefined)
  }

  /** Evaluates these routes and runs their `onLoad`. Rejects when they cannot be taken, or when it ends. */
  async stage(routes: NumberedRoutes): Promise<void> {
    await this.link.ask('stage', routes)
    this.#hasStaged = true
  }

  /** Never rejects: what cannot be made live after all is served by another process. */
  async commit({ number }: Pick<NumberedRoutes, 'number'>, commit: Commit): Promise<void> {
    // Who staged it has ended, and the process that takes its place is told by itself what is live.
    if (!this.#hasStaged) return
    this.#hasStaged = false
    try {
      await within(ANSWERS, this.link.ask('commit', commit))
      this.generation = number
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Makes these routes live in this worker alone: the others have them already. Never rejects. */
  async follow(routes: NumberedRoutes, config: Commit['config']): Promise<void> {
    try {
      await within(routes.settings.handlers.deadline + STAGES, this.stage(routes))
      await this.commit(routes, { ending: 'superseded', ...(config && { config }) })
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Throws `WorkerEnded` while there is no process. What one is asked that ends is refused likewise. */
  get link(): WorkerProcess['link'] {
    if (this.#process === undefined) throw new WorkerEnded('it is away')
    return this.#process.link
  }

  /** Lost on a process that has not opened yet: when it has, it is told everything. */
  tell<Name extends keyof Orders>(name: Name, what: Orders[Name]): void {
    if (this.handOver !== undefined) this.#process?.link.tell(name, what)
  }

  /** Resolves when it has it; never rejects. One that is busy has it later, one that is not there when it comes. */
  async share(what: SharedEntries): Promise<void> {
    if (this.handOver !== undefined) await within(SOON, this.link.ask('share', what)).catch(() => undefined)
  }

  /** From now on another process takes the place of one that ends, or has ended while others were started. */
  keep(): void {
    this.#isKept = true
    if (this.#process === undefined) this.#startAgain()
  }

  /** Undefined while there is no process. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** None takes its place any more. */
  retire(): void {
    this.#isKept = false
    clearTimeout(this.#again)
  }

  /** Takes nothing new. Resolves when it owes no answer, or after so many milliseconds; never rejects. */
  async drain(patience: number): Promise<void> {
    this.retire()
    // It owes nothing yet, and would take calls while the others refuse them.
    if (!this.isUp) return this.#process?.kill()
    try {
      await within(patience, this.link.ask('drain', null))
    } catch (error) {
      this.#options.log.warn(`worker ${this.worker} was not drained: ${(error as Error).message}`)
    }
  }

  /** Lets it end its work, for so many milliseconds. */
  async close(patience: number): Promise<void> {
    this.retire()
    const process = this.#process
    if (process === undefined) return
    const tooLate = setTimeout(() => process.kill(), patience)
    await process.link.ask('close', null).catch(() => undefined)
    process.disconnect()
    await process.ended
    clearTimeout(tooLate)
  }

  /** Another one is to take its place. One that has ended is told of by its end. */
  #fail(why: unknown): void {
    if (!this.#isKept || why instanceof WorkerEnded) return
    this.#options.log.error(`worker ${this.worker} cannot serve: ${firstProblem(why)}`)
    // Without one, the system had none to give.
    if (this.#process === undefined) this.#startAgain()
    else this.#process.kill()
  }

  #ended(process: WorkerProcess, how: string): void {
    const wasUp = this.isUp
    this.#process = undefined
    this.handOver = undefined
    this.generation = undefined
    this.#hasStaged = false
    this.#options.away(this)
    if (!this.#isKept) return
    const what = wasUp ? 'its transactions are lost, and another takes its place' : 'it is started again'
    this.#options.log.error(`worker ${this.worker} (${process.pid}) has ended by ${how}: ${what}`)
    this.#startAgain()
  }

  #startAgain(): void {
    this.restarts++
    this.#failures = performance.now() - this.#startedAt > LONG ? 0 : this.#failures + 1
    const pause = this.#failures <= 1 ? 0 : Math.min(AGAIN * 2 ** (this.#failures - 2), AGAIN_AT_MOST)
    this.#again = setTimeout(() => void this.#replace(), pause)
  }

  async #replace(): Promise<void> {
    try {
      await this.bind()
      await this.start()
      this.#options.log.info(`worker ${this.worker} (${this.#process?.pid}) serves`)
      this.#options.started(this)
    } catch (error) {
      this.#fail(error)
    }
  }
}
