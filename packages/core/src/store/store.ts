/** The database of the config as the server has it: `sql` for the routes, and what health and metrics tell of it. */
import { existsSync } from 'node:fs'
import type { Sql } from '@signalbox/dsl'
import type { DatabaseAddress } from './address.ts'
import { createMissing } from './create-missing.ts'
import type { Database, DatabaseLog, Dialect } from './database.ts'
import { MysqlDatabase } from './mysql.ts'
import { QueryStatistics } from './query-statistics.ts'
import { makeSql } from './sql.ts'
import { SqliteDatabase } from './sqlite.ts'

/** Never fails: a database that is away is one that comes later. */
export function openDatabase(address: DatabaseAddress, log: DatabaseLog): Database {
  return address.kind === 'sqlite' ? new SqliteDatabase(address, log) : new MysqlDatabase(address, log)
}

export class Store {
  readonly database: Database
  readonly statistics = new QueryStatistics()
  readonly sql: Sql
  /** Only for the proxy's own file: a database of the user's is not altered without being asked. */
  readonly createTables?: () => Promise<unknown>
  readonly dialect: Dialect
  readonly #address: DatabaseAddress
  #wasThere = false

  constructor(address: DatabaseAddress, log: DatabaseLog) {
    this.#address = address
    this.dialect = address.kind
    this.database = openDatabase(address, log)
    this.sql = makeSql(this.database, this.statistics)
    if (address.kind === 'sqlite') this.createTables = () => createMissing(this.database, 'sqlite')
  }

  /** False while the first query would make an empty file: who only looks need not ask. One that was there may be away, which the query says. */
  get isThere(): boolean {
    const address = this.#address
    this.#wasThere ||= address.kind !== 'sqlite' || address.file === ':memory:' || existsSync(address.file)
    return this.#wasThere
  }

  get isUp(): boolean {
    return this.database.isUp
  }

  close(): Promise<void> {
    return this.database.close()
  }
}
