/**
 * Brings changes into the table after the fact, in batches: no REGISTER waits for the database. Of each contact only the newest state is
 * written. While the database is away, what is to be written waits; a row that the database does not take is given up, and said.
 */
import { isNoTable } from '../store/database.ts'
import type { Clock } from '../timers/clock.ts'
import type { Binding } from './binding.ts'
import type { LocationWatcher } from './location.ts'
import { BATCH, type LocationTable } from './location-table.ts'
import type { Moment } from './rows.ts'

export interface WriteBehindOptions {
  readonly table: LocationTable
  readonly clock: Clock
  now(): Moment
  /** Removals that may wait; beyond, the oldest is given up: its row stays until it expires. */
  readonly limit: number
  warn(message: string): void
}

/** How long changes are gathered, in milliseconds. */
const GATHER = 100
/** After a failure, doubled with each. */
const AGAIN = 1_000
const AGAIN_AT_MOST = 30_000
/** How long after one refused row no other is told of. */
const QUIET = 60_000

export class WriteBehind implements LocationWatcher {
  readonly #options: WriteBehindOptions
  /** By ruid. */
  readonly #saves = new Map<string, Binding>()
  readonly #removals = new Set<string>()
  /** By ruid, those among `#saves` that no row can be of yet. */
  readonly #rowless = new Set<string>()
  #writing: Promise<void> | undefined
  #cancelWake: (() => void) | undefined
  #failures = 0
  /** A row of the last batch was refused: the next one is tried row by row. */
  #isRowByRow = false
  #refused = 0
  #quietUntil = -Infinity
  #hasSaidMissing = false
  #hasSaidLost = false

  constructor(options: WriteBehindOptions) {
    this.#options = options
  }

  /** How much is not written yet. */
  get size(): number {
    return this.#saves.size + this.#removals.size
  }

  saved(binding: Binding, isNew: boolean): void {
    if (isNew) this.#rowless.add(binding.ruid)
    this.#saves.set(binding.ruid, binding)
    this.#soon()
  }

  removed({ ruid }: Pick<Binding, 'ruid'>): void {
    this.#saves.delete(ruid)
    // It came and went while changes were gathered.
    if (this.#rowless.delete(ruid)) return
    this.#removals.add(ruid)
    if (this.#removals.size > this.#options.limit) this.#giveUpOldest()
    this.#soon()
  }

  /** Whether its row is to go. */
  isRemoving(ruid: string): boolean {
    return this.#removals.has(ruid)
  }

  /** Writes what waits, once. Never rejects. */
  async flush(): Promise<void> {
    this.stop()
    await this.#writing
    await this.#write()
  }

  stop(): void {
    this.#cancelWake?.()
    this.#cancelWake = undefined
  }

  #soon(ms = GATHER): void {
    if (this.#cancelWake !== undefined || this.#writing !== undefined) return
    this.#cancelWake = this.#options.clock.wakeAfter(ms, () => {
      this.#cancelWake = undefined
      this.#writing = this.#write().then(() => {
        this.#writing = undefined
        if (this.size > 0) this.#soon(this.#pause)
      })
    })
  }

  get #pause(): number {
    return this.#failures === 0 ? GATHER : Math.min(AGAIN * 2 ** (this.#failures - 1), AGAIN_AT_MOST)
  }

  async #write(): Promise<void> {
    try {
      while (this.size > 0) {
        await this.#removeSome()
        await this.#saveSome()
        this.#failures = 0
        if (this.size > 0) await this.#options.table.turn()
      }
    } catch {
      this.#failures++
      await this.#lookWhy()
    }
  }

  async #removeSome(): Promise<void> {
    const ruids = first(this.#removals, BATCH)
    await this.#options.table.remove(ruids)
    // Removed from here only now: a ruid is never used again, so that nothing can have come in between.
    for (const ruid of ruids) this.#removals.delete(ruid)
  }

  async #saveSome(): Promise<void> {
    const { table } = this.#options
    const bindings = first(this.#saves.values(), BATCH)
    for (const { ruid } of bindings) this.#rowless.delete(ruid)
    if (this.#isRowByRow) for (const binding of bindings) await this.#saveOne(binding)
    else await table.save(bindings, this.#options.now())
    this.#isRowByRow = false
    for (const binding of bindings) this.#written(binding)
  }

  async #saveOne(binding: Binding): Promise<void> {
    const { table, now } = this.#options
    try {
      await table.save([binding], now())
    } catch (error) {
      // Where the table is well, it is this row.
      await table.probe()
      this.#sayRefused(`a contact of ${binding.aor.key} is kept in memory alone: ${(error as Error).message}`)
    }
    this.#written(binding)
  }

  /** Now and then: a table with other columns takes none. */
  #sayRefused(why: string): void {
    const { clock, warn } = this.#options
    this.#refused++
    if (clock.now() < this.#quietUntil) return
    this.#quietUntil = clock.now() + QUIET
    warn(this.#refused === 1 ? why : `${why} (${this.#refused} so far)`)
  }

  /** Unless there is newer to write. */
  #written(binding: Binding): void {
    if (this.#saves.get(binding.ruid) === binding) this.#saves.delete(binding.ruid)
  }

  /** A database that is away comes back by itself. */
  async #lookWhy(): Promise<void> {
    const { table } = this.#options
    if (!table.isUp) return
    try {
      await table.probe()
      this.#isRowByRow = true
    } catch (error) {
      if (isNoTable(error)) await this.missing()
    }
  }

  /** There is no table: made where that is ours to do, else said, once. */
  async missing(): Promise<void> {
    const hasMade = await this.#options.table.create().catch(() => false)
    if (hasMade || this.#hasSaidMissing) return
    this.#hasSaidMissing = true
    this.#options.warn(NO_TABLE)
  }

  #giveUpOldest(): void {
    this.#removals.delete(first(this.#removals, 1)[0]!)
    if (this.#hasSaidLost) return
    this.#hasSaidLost = true
    this.#options.warn('the database is away for so long that rows of contacts that are gone stay until they expire')
  }
}

const NO_TABLE =
  'the database has no table `location`: contacts are kept in memory alone until `signalbox db init` has made it'

function first<T>(items: Iterable<T>, most: number): T[] {
  const taken: T[] = []
  for (const item of items) {
    if (taken.length === most) break
    taken.push(item)
  }
  return taken
}
