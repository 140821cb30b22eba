/** The database of a simulation: a real one or a stub, whose answers take as much virtual time as a test says. */
import type { Sql } from '@signalbox/dsl'
import { parseDuration } from '../config/duration.ts'
import { SignalboxError } from '../errors.ts'
import { parseDatabaseAddress, type DatabaseAddress } from '../store/address.ts'
import type { Bound, Database, DatabaseLog, Dialect, Row } from '../store/database.ts'
import type { LocationStore } from '../registrar/location-table.ts'
import { createMissing } from '../store/create-missing.ts'
import { QueryStatistics } from '../store/query-statistics.ts'
import { makeSql } from '../store/sql.ts'
import { Store } from '../store/store.ts'
import type { Clock } from '../timers/clock.ts'
import { askStub, type DatabaseStub } from './database-stub.ts'

export class SimulatedStore {
  /** How long each answer is on its way in virtual time: milliseconds, or `'2s'`. It says what the tables held when it was asked for. */
  delay: number | string = 0
  /** Asks at once, and is not waited for by the clock. */
  readonly sql: Sql
  /** What the routes get. */
  readonly routeSql: Sql
  /** What the core gets beside: the contacts that are registered. A stub keeps none, and they are in memory alone. */
  readonly location: LocationStore | undefined
  /** Queries of routes that the database has not answered. */
  asking = 0
  readonly #database: Pick<Database, 'query'>
  /** Undefined for a stub. */
  readonly #store: Store | undefined
  readonly #dialect: Dialect
  readonly #clock: Clock

  constructor(database: string | DatabaseStub, clock: Clock, log: DatabaseLog) {
    const address = typeof database === 'string' ? addressOf(database) : undefined
    this.#clock = clock
    this.#dialect = address?.kind ?? 'sqlite'
    this.#store = address && new Store(address, log)
    this.#database = this.#store?.database ?? {
      query: (text, values) => askStub(database as DatabaseStub, text, values),
    }
    const statistics = new QueryStatistics()
    this.sql = makeSql(this.#database, statistics)
    this.routeSql = makeSql({ query: (text, values) => this.#query(text, values) }, statistics)
    this.location = this.#store && this.#locationIn(this.#store)
  }

  async createTables(): Promise<void> {
    if (this.#store !== undefined) await createMissing(this.#store.database, this.#dialect)
  }

  async close(): Promise<void> {
    await this.#store?.close()
  }

  #locationIn({ createTables, database }: Store): LocationStore {
    const query = (text: string, values: readonly Bound[]): Promise<Row[]> => this.#query(text, values)
    return {
      dialect: this.#dialect,
      database: {
        query,
        get isUp() {
          return database.isUp
        },
      },
      turn: () => this.#counted(() => new Promise((resolve) => setImmediate(resolve))),
      ...(createTables && { createTables: () => this.#counted(createTables) }),
    }
  }

  async #query(text: string, values: readonly Bound[]): Promise<Row[]> {
    const delay = parseDuration(this.delay)
    try {
      return await this.#counted(() => this.#database.query(text, values))
    } finally {
      if (delay > 0) await new Promise<void>((resolve) => void this.#clock.wakeAfter(delay, resolve))
    }
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

function addressOf(url: string): DatabaseAddress {
  const address = parseDatabaseAddress(url, process.cwd())
  if (address !== undefined) return address
  throw new SignalboxError('CONFIG', `not a database: expected 'sqlite:FILE' or 'mysql://…'`)
}
