/**
 * The embedded store: one connection, opened by the first query, so that a proxy which never asks makes no file. Each statement runs on
 * the main thread; what it returns comes in a later turn, in the order asked. A file that was there and is not any more is a database
 * that is away: no empty one takes its place.
 */
import { existsSync, statSync, type Stats } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { nameOf, type SqliteAddress } from './address.ts'
import { databaseError, Presence, type Bound, type Database, type DatabaseLog, type Row } from './database.ts'
import { loadSqlite, type SqliteConnection, type SqliteStatement } from './sqlite-module.ts'

/** How often it is looked whether the file is still in its place, in milliseconds. */
const LOOK = 100

/** How long a query waits while another process holds the file, and how often it is tried again, in milliseconds. */
const BUSY = 2_000
const PAUSE = 20

/** After a failure to open, in milliseconds. */
const AGAIN = 1_000
/** Prepared statements kept. Templates of old generations leave theirs behind. */
const STATEMENTS = 200

/** SQLite's codes for a file that another process holds: BUSY, BUSY_RECOVERY. BUSY_SNAPSHOT stays so however long one waits. */
const HELD = new Set([5, 261])

/** SQLite's codes for a file that is no use any more: IOERR, CANTOPEN, NOTADB. */
const GONE = new Set([10, 14, 26])

/** The package has no codes where a prepared statement fails. */
const codes = new Map([
  ['database is locked', 5],
  ['disk I/O error', 10],
  ['unable to open database file', 14],
  ['file is not a database', 26],
])

export class SqliteDatabase implements Database {
  readonly #file: string
  readonly #presence: Presence
  /** One after another: what is asked later never overtakes what waits for another process. */
  #inTurn: Promise<unknown> = Promise.resolve()
  readonly #statements = new Map<string, SqliteStatement>()
  #connection: Promise<SqliteConnection> | undefined
  /** What is open, and which file that is; '' for memory. */
  #open: { readonly connection: SqliteConnection; readonly inode: string } | undefined
  #wasThere = false
  #lookedAt = 0
  #again: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(address: SqliteAddress, log: DatabaseLog) {
    this.#file = address.file
    this.#presence = new Presence(nameOf(address), log, true)
  }

  get isUp(): boolean {
    return this.#presence.isUp
  }

  query(text: string, values: readonly Bound[]): Promise<Row[]> {
    if (this.#isClosed) return Promise.reject(databaseError('it was closed'))
    const until = performance.now() + BUSY
    const asked = this.#inTurn.then(() => this.#ask(text, values, until))
    this.#inTurn = asked.catch(() => undefined)
    return asked
  }

  async #ask(text: string, values: readonly Bound[], until: number): Promise<Row[]> {
    const connection = await this.#opened()
    try {
      const bound = values.map(toSqlite)
      return (await whenFree(until, () => this.#statement(connection, text).all(...bound))).map(row)
    } catch (error) {
      this.#lostWith(error)
      throw databaseError((error as Error).message)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#again)
    await this.#inTurn
    await this.#connection?.catch(() => undefined)
    this.#letGo()
  }

  #opened(): Promise<SqliteConnection> {
    if (this.#hasMoved()) this.#letGo()
    this.#connection ??= this.#openFile()
    return this.#connection
  }

  async #openFile(): Promise<SqliteConnection> {
    try {
      this.#open = await openFile(this.#file, !this.#wasThere)
      this.#wasThere = true
      this.#presence.came()
      return this.#open.connection
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

  /** Renamed, removed, or another one is there now: SQLite itself would go on with what it has open. */
  #hasMoved(): boolean {
    const { inode = '' } = this.#open ?? {}
    if (inode === '' || performance.now() - this.#lookedAt < LOOK) return false
    this.#lookedAt = performance.now()
    return inodeNow(this.#file) !== inode
  }

  #letGo(): void {
    this.#statements.clear()
    this.#connection = undefined
    const { connection } = this.#open ?? {}
    this.#open = undefined
    if (connection === undefined) return
    try {
      // What is only in the log beside the file goes into it: the log must not be read into another file that comes in its place.
      connection.exec('pragma wal_checkpoint(truncate)')
    } catch {
      // The file may be what is wrong.
    }
    connection.close()
  }

  #lostWith(error: unknown): void {
    const { message } = error as Error
    if (this.#open === undefined || !GONE.has(codeOf(error) & 0xff)) return
    this.#letGo()
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

async function openFile(file: string, mayMake: boolean): Promise<{ connection: SqliteConnection; inode: string }> {
  const { DatabaseSync } = await loadSqlite()
  const inode = file === ':memory:' ? '' : await find(file, mayMake)
  const connection = new DatabaseSync(file)
  try {
    // No wait of SQLite's own: it would stop all calls.
    connection.exec('pragma busy_timeout = 0')
    await whenFree(performance.now() + BUSY, () => {
      connection.exec('pragma journal_mode = wal; pragma synchronous = normal')
    })
  } catch (error) {
    connection.close()
    throw error
  }
  return { connection, inode }
}

/** The tables hold passwords: a new file is its owner's alone. SQLite gives its journal the same mode. */
async function find(file: string, mayMake: boolean): Promise<string> {
  // One that is there is not opened: closing it would give up the locks that SQLite has on it in this process.
  if (mayMake && !existsSync(file)) await (await open(file, 'a', 0o600)).close()
  return inodeOf(await stat(file))
}

function inodeNow(file: string): string {
  try {
    return inodeOf(statSync(file))
  } catch {
    return 'none'
  }
}

function inodeOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`
}

function codeOf(error: unknown): number {
  const { errcode, message } = error as Error & { errcode?: number }
  return errcode ?? codes.get(message) ?? 0
}

/** Tries again while another process holds the file; all else goes on meanwhile. */
async function whenFree<T>(until: number, act: () => T): Promise<T> {
  for (;;) {
    try {
      return act()
    } catch (error) {
      if (!HELD.has(codeOf(error)) || performance.now() >= until) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
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
