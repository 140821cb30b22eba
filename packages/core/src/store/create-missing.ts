/** Makes the tables that are missing in a database that is open, and touches none that is there. */
import type { Database, Dialect } from './database.ts'
import { createStatements } from './ddl.ts'
import { tables, version, type Table } from './schema.ts'

/** What `createTables` did about one table. */
export interface TableReport {
  name: string
  created: boolean
  /** What `version` says of it; undefined where it says nothing. */
  version?: number
  /** The version that this Signalbox would make. */
  own: number
}

/** Rejects with `DATABASE`; what was made before that stays. */
export async function createMissing(database: Database, dialect: Dialect): Promise<TableReport[]> {
  const there = await tableNames(database, dialect)
  const reports: TableReport[] = []
  // One after another: `version` is first, and the others write into it.
  for (const table of tables) reports.push(await ensure(database, table, dialect, there.has(table.name)))
  return reports
}

async function ensure(database: Database, table: Table, dialect: Dialect, isThere: boolean): Promise<TableReport> {
  const { name, version: own } = table
  if (!isThere) {
    // The row first for all but `version` itself: if this ends in between, the next run finishes it.
    if (table !== version) await setVersion(database, table)
    for (const text of createStatements(table, dialect)) await database.query(text, [])
    if (table === version) await setVersion(database, table)
  }
  const rows = await database.query('select table_version from version where table_name = ?', [name])
  const found = rows[0]?.['table_version']
  return { name, created: !isThere, ...(typeof found === 'number' && { version: found }), own }
}

async function setVersion(database: Database, table: Table): Promise<void> {
  await database.query('delete from version where table_name = ?', [table.name])
  await database.query('insert into version (table_name, table_version) values (?, ?)', [table.name, table.version])
}

async function tableNames(database: Database, dialect: Dialect): Promise<Set<unknown>> {
  const text =
    dialect === 'mysql'
      ? 'select table_name as name from information_schema.tables where table_schema = database()'
      : "select name from sqlite_master where type = 'table'"
  return new Set((await database.query(text, [])).map(({ name }) => name))
}
