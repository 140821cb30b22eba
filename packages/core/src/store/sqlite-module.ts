/**
 * SQLite as Node brings it from 22.13 on, else as a package with the same interface. Loaded when the first query comes: most proxies that
 * use MySQL need neither.
 */
import { databaseError } from './database.ts'

/** What is used of `node:sqlite`. */
export interface SqliteConnection {
  exec(text: string): void
  prepare(text: string): SqliteStatement
  close(): void
}

export interface SqliteStatement {
  setReadBigInts(on: boolean): void
  all(...values: unknown[]): Record<string, unknown>[]
}

export interface SqliteModule {
  DatabaseSync: new (file: string) => SqliteConnection
}

/** Node 22.5 to 22.12 has the module behind a flag: there its import fails, too. */
export async function loadSqlite(): Promise<SqliteModule> {
  const names = ['node:sqlite', '@photostructure/sqlite']
  const problems: string[] = []
  for (const name of names) {
    try {
      return (await import(name)) as SqliteModule
    } catch (error) {
      problems.push((error as Error).message)
    }
  }
  throw databaseError(`no SQLite here: ${problems.join('; ')}`)
}
