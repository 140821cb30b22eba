/**
 * The embedded store: one connection, opened by the first query, so that a proxy which never asks makes no file. Each statement runs on
 * the main thread; what it returns comes in a later turn, in the order asked.
 */
import { open } from 'node:fs/promises'
import { nameOf, type SqliteAddress } from './address.ts'
import { databaseError, Presence, type Bound, type Database, type DatabaseLog, type Row } from './database.ts'
import { loadSqlite, type SqliteConnection, type SqliteStatement } from './sqlite-module.ts'

/** How long another process may hold the file, in milliseconds: nothing else runs here meanwhile. */
const BUSY = 250
/** After a failure to open, in milliseconds. */
const AGAIN = 1_000
/** Prepared statements kept. Templates of old generations leave theirs behind. */
const STATEMENTS = 200

/** SQLite's codes for a file that is no use any more: IOERR, CANTOPEN, NOTADB. */
const GONE = new Set([10, 14, 26])

export class SqliteDatabase implements Database {
  readonly #file: string
  readonly #presence: Presence
  readonly #statements = new Map<string, SqliteStatement>()
  #connection: Promise<SqliteConnection> | undefined
  #again: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(address: SqliteAddress, log: DatabaseLog) {
    this.#file = address.file
    this.#presence = new Presence(nameOf(address), log, true)
  }

  get isUp(): boolean {
    return this.#presence.isUp
  }

  async query(text: string, values: readonly Bound[]): Promise<Row[]> {
    if (this.#isClosed) throw databaseError('it was closed')
    // Waited for also when it is open: what is asked later never overtakes.
    const connection = await this.#opened()
    try {
      return this.#statement(connection, text)
        .all(...values.map(toSqlite))
        .map(row)
    } catch (error) {
      this.#lostWith(error, connection)
      throw databaseError((error as Error).message)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#again)
    const opening = this.#connection
    this.#connection = undefined
    const connection = await opening?.catch(() => undefined)
    this.#statements.clear()
    connection?.close()
  }

  #opened(): Promise<SqliteConnection> {
    this.#connection ??= this.#open()
    return this.#connection
  }

  async #open(): Promise<SqliteConnection> {
    try {
      const connection = await openFile(this.#file)
      this.#presence.came()
      return connection
    } catch (error) {
      this.#retryLater((error as Error).message)
      throw databaseError(`${this.#file}: ${(error as Error).message}`)
    }
  }

  /** Until then every query gets the same refusal. */
  #retryLater(why: string): void {
    this.#presence.went(why)
    if (this.#isClosed) return
    this.#again = setTimeout(() => {
      this.#connection = undefined
      this.#opened().catch(() => undefined)
    }, AGAIN).unref()
  }

  #lostWith(error: unknown, connection: SqliteConnection): void {
    const { errcode = 0, message } = error as Error & { errcode?: number }
    if (!GONE.has(errcode & 0xff)) return
    this.#statements.clear()
    connection.close()
    this.#connection = Promise.reject(databaseError(`${this.#file}: ${message}`))
    this.#connection.catch(() => undefined)
    this.#retryLater(message)
  }

  /** The one least used goes first. */
  #statement(connection: SqliteConnection, text: string): SqliteStatement {
    const statement = this.#statements.get(text) ?? prepare(connection, text)
    this.#statements.delete(text)
    this.#statements.set(text, statement)
    if (this.#statements.size > STATEMENTS) this.#statements.delete(this.#statements.keys().next().value!)
    return statement
  }
}

async function openFile(file: string): Promise<SqliteConnection> {
  const { DatabaseSync } = await loadSqlite()
  // The tables hold passwords: a new file is its owner's alone. SQLite gives its journal the same mode.
  if (file !== ':memory:') await (await open(file, 'a', 0o600)).close()
  const connection = new DatabaseSync(file)
  try {
    connection.exec(`pragma busy_timeout = ${BUSY}; pragma journal_mode = wal; pragma synchronous = normal`)
  } catch (error) {
    connection.close()
    throw error
  }
  return connection
}

function prepare(connection: SqliteConnection, text: string): SqliteStatement {
  const statement = connection.prepare(text)
  // Else one beyond 2^53 throws.
  statement.setReadBigInts(true)
  return statement
}

/** A number would be bound as a REAL, and a text column would then hold `5.0`. */
function toSqlite(value: Bound): Bound {
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
}

function row(read: Row): Row {
  const plain: Row = {}
  for (const [name, value] of Object.entries(read)) plain[name] = typeof value === 'bigint' ? integer(value) : value
  return plain
}

function integer(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
