/**
 * Reads the table back after a start, in the background. Who asks for contacts meanwhile waits for it, but not for long: a database that is
 * away holds nobody up, and what it has is taken when it is back.
 */
import { isNoTable, type Row } from '../store/database.ts'
import type { Clock } from '../timers/clock.ts'
import type { AorRules } from './aor.ts'
import type { Order } from './binding.ts'
import type { Wanted } from './contacts.ts'
import type { Location } from './location.ts'
import type { LocationTable } from './location-table.ts'
import { Removals } from './removals.ts'
import { bindingOf, type Moment } from './rows.ts'
import type { WriteBehind } from './write-behind.ts'

export interface ReadBackOptions {
  readonly table: LocationTable
  readonly location: Location
  readonly writeBehind: WriteBehind
  readonly rules: AorRules & { readonly bindings: number }
  readonly clock: Clock
  now(): Moment
  /** How the ruids begin that we gave: an expired row of ours is removed. */
  readonly ownRuids: string
  log: { info(message: string): void; warn(message: string): void }
}

/** How long anybody waits, in milliseconds. */
const PATIENCE = 3_000
const AGAIN = 1_000
const AGAIN_AT_MOST = 30_000

const DOMAINLESS =
  'rows of `location` have no domain, as Kamailio writes them with use_domain 0: they are found at the proxy’s own addresses only, unless registrar.useDomain is false'

export class ReadBack {
  readonly #options: ReadBackOptions
  #waiting: Promise<void> | undefined
  /** Undefined once the table has been read, or has turned out not to be there. */
  #removals: Removals | undefined
  #hasBegun = false
  #isStopped = false
  #failures = 0
  #read = 0
  #unreadable = 0
  #domainless = 0
  readonly #cancels = new Set<() => void>()

  constructor(options: ReadBackOptions) {
    this.#options = options
    this.#removals = new Removals(options.rules.bindings)
  }

  /** What is to be awaited before contacts are asked for; undefined when there is nothing to wait for any more. */
  ready(): Promise<void> | undefined {
    if (!this.#hasBegun) this.#begin()
    return this.#waiting
  }

  /** A REGISTER was granted this: what it took off is not brought back by a row that is read only now. */
  changed(aorKey: string, wanted: Wanted, order: Order): void {
    this.#removals?.add(aorKey, wanted, order)
  }

  stop(): void {
    this.#isStopped = true
    for (const cancel of this.#cancels) cancel()
  }

  #begin(): void {
    this.#hasBegun = true
    this.#waiting = new Promise((resolve) => {
      const done = (): void => {
        this.#waiting = undefined
        cancel()
        resolve()
      }
      const cancel = this.#after(PATIENCE, done)
      void this.#try(done)
    })
  }

  async #try(done: () => void): Promise<void> {
    if (this.#isStopped) return
    const { table, writeBehind, log } = this.#options
    try {
      this.#read = this.#unreadable = this.#domainless = 0
      for await (const rows of table.pages()) for (const row of rows) this.#take(row)
      this.#removals = undefined
      this.#tell()
      done()
    } catch (error) {
      if (isNoTable(error)) {
        await writeBehind.missing()
        this.#removals = undefined
        return done()
      }
      // One that is away is told of by itself.
      if (table.isUp && this.#failures === 0) log.warn(`contacts cannot be read back yet: ${(error as Error).message}`)
      const pause = Math.min(AGAIN * 2 ** this.#failures++, AGAIN_AT_MOST)
      this.#after(pause, () => void this.#try(done))
    }
  }

  #take(row: Row): void {
    const { location, writeBehind, rules, clock, ownRuids } = this.#options
    const binding = bindingOf(row, rules, this.#options.now())
    if (binding === undefined) return void this.#unreadable++
    if (binding.expiresAt <= clock.now()) {
      if (binding.ruid.startsWith(ownRuids)) writeBehind.removed(binding)
      return
    }
    if (writeBehind.isRemoving(binding.ruid)) return
    if (binding.aor.domain === '') this.#domainless++
    // Unless the row is of what has been registered after that.
    if (this.#removals?.has(binding) === true && !location.has(binding)) return writeBehind.removed(binding)
    if (location.size >= rules.bindings) return
    // The same contact has registered since the start: its new row takes the place of the old one, unless that is the later.
    if (location.restore(binding)) this.#read++
    else if (!location.has(binding)) writeBehind.removed(binding)
  }

  #tell(): void {
    const { location, rules, log } = this.#options
    if (this.#read > 0) log.info(`${this.#read} contacts read back from the database`)
    if (this.#unreadable > 0) log.warn(`${this.#unreadable} rows of \`location\` name no contact that can be read`)
    if (this.#domainless > 0) log.warn(`${this.#domainless} ${DOMAINLESS}`)
    if (location.size >= rules.bindings) log.warn('not all contacts were read back: limits.bindings is reached')
  }

  #after(ms: number, act: () => void): () => void {
    const cancel = this.#options.clock.wakeAfter(ms, () => {
      this.#cancels.delete(cancel)
      act()
    })
    this.#cancels.add(cancel)
    return () => {
      this.#cancels.delete(cancel)
      cancel()
    }
  }
}
