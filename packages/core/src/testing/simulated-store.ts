/** The database of a simulation: a real one, whose answers take as much virtual time as a test says. */
import type { Sql } from '@signalbox/dsl'
import { parseDuration } from '../config/duration.ts'
import { SignalboxError } from '../errors.ts'
import { parseDatabaseAddress } from '../store/address.ts'
import type { Bound, DatabaseLog, Dialect, Row } from '../store/database.ts'
import type { LocationStore } from '../registrar/location-table.ts'
import { createMissing } from '../store/create-missing.ts'
import { makeSql } from '../store/sql.ts'
import { Store } from '../store/store.ts'
import type { Clock } from '../timers/clock.ts'

export class SimulatedStore {
  /** How long a route waits for each answer in virtual time: milliseconds, or `'2s'`. */
  delay: number | string = 0
  /** Asks at once, and is not waited for by the clock. */
  readonly sql: Sql
  /** What the routes get. */
  readonly routeSql: Sql
  /** What the core gets beside: the contacts that are registered. */
  readonly location: LocationStore
  /** Queries of routes that the database has not answered. */
  asking = 0
  readonly #store: Store
  readonly #dialect: Dialect
  readonly #clock: Clock

  constructor(url = 'sqlite::memory:', clock: Clock, log: DatabaseLog) {
    const address = parseDatabaseAddress(url, process.cwd())
    if (address === undefined)
      throw new SignalboxError('CONFIG', `not a database: expected 'sqlite:FILE' or 'mysql://…'`)
    this.#clock = clock
    this.#dialect = address.kind
    this.#store = new Store(address, log)
    this.sql = this.#store.sql
    const { createTables, database } = this.#store
    const query = (text: string, values: readonly Bound[]): Promise<Row[]> => this.#query(text, values)
    this.location = {
      dialect: address.kind,
      database: {
        query,
        get isUp() {
          return database.isUp
        },
      },
      turn: () => this.#counted(() => new Promise((resolve) => setImmediate(resolve))),
      ...(createTables && { createTables: () => this.#counted(createTables) }),
    }
    this.routeSql = makeSql({ query: (text, values) => this.#query(text, values) }, this.#store.statistics)
  }

  createTables(): Promise<unknown> {
    return createMissing(this.#store.database, this.#dialect)
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  async #query(text: string, values: readonly Bound[]): Promise<Row[]> {
    const delay = parseDuration(this.delay)
    if (delay > 0) await new Promise<void>((resolve) => void this.#clock.wakeAfter(delay, resolve))
    return this.#counted(() => this.#store.database.query(text, values))
  }

  async #counted<T>(ask: () => Promise<T>): Promise<T> {
    this.asking++
    try {
      return await ask()
    } finally {
      this.asking--
    }
  }
}
