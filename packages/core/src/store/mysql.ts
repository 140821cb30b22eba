/**
 * MySQL and MariaDB: a pool for the queries, and one connection that only watches. While the watcher has no server, queries are refused at
 * once; when it has one again, they go on by themselves. A database that is away never ends the proxy.
 */
import { createRequire } from 'node:module'
import type { Connection, ConnectionOptions, Pool } from 'mysql2/promise'
import { nameOf, type MysqlAddress } from './address.ts'
import { databaseError, Presence, type Bound, type Database, type DatabaseLog, type Row } from './database.ts'
import { plainRows } from './mysql-rows.ts'
import { within } from './within.ts'

type Driver = typeof import('mysql2/promise')

/** Loaded only where MySQL is used. By `require`, since `import` does not see all that the driver exports. */
const nodeRequire = createRequire(import.meta.url)

/** Milliseconds. */
const CONNECT = 3_000
const ANSWER = 10_000
const CLOSE = 1_000
/** How often the watcher looks: while all is well, and while the server is away. */
const LOOK = 5_000
const LOOK_AGAIN = 1_000

const CONNECTIONS = 10
/** Queries that wait for a connection; beyond, they are refused. */
const QUEUE = 1_000
const STATEMENTS = 200

export class MysqlDatabase implements Database {
  readonly #options: ConnectionOptions
  readonly #presence: Presence
  readonly #answer: number
  #driver: Driver | undefined
  #pool: Pool | undefined
  #watcher: Connection | undefined
  #why = 'it was not reached yet'
  /** Takes no longer than connecting may. */
  readonly #firstLook: Promise<void>
  #isLooking = false
  #next: NodeJS.Timeout | undefined
  #isClosed = false

  /** Connects in the background. `answer`: milliseconds that a query may take. */
  constructor(address: MysqlAddress, log: DatabaseLog, answer = ANSWER) {
    this.#answer = answer
    this.#options = optionsFor(address)
    // Before the first look nothing is known: a failure is still news.
    this.#presence = new Presence(nameOf(address), log, true)
    this.#firstLook = this.#look()
  }

  get isUp(): boolean {
    return this.#pool !== undefined
  }

  async query(text: string, values: readonly Bound[]): Promise<Row[]> {
    await this.#firstLook
    const pool = this.#pool
    if (pool === undefined) throw databaseError(this.#why)
    try {
      return await this.#ask(pool, text, values)
    } catch (error) {
      if (isLost(error)) this.#lookSoon()
      throw databaseError(wordsOf(error))
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#why = 'it was closed'
    clearTimeout(this.#next)
    if (!this.#isLooking) await this.#letGo()
  }

  async #ask(pool: Pool, text: string, values: readonly Bound[]): Promise<Row[]> {
    const until = performance.now() + this.#answer
    const connection = await within(this.#answer, pool.getConnection(), (late) => late.release())
    try {
      const execute = connection.execute(text, values.map((value) => this.#toMysql(value)) as string[])
      const [rows, fields] = await within(until - performance.now(), execute)
      connection.release()
      return Array.isArray(rows) ? plainRows(rows as Row[], fields) : []
    } catch (error) {
      if (isLost(error)) connection.destroy()
      else connection.release()
      throw error
    }
  }

  /** The driver binds a number as a DOUBLE, which `limit` does not take everywhere. */
  #toMysql(value: Bound): unknown {
    if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
      return this.#driver!.TypedParameter.BIGINT(value as bigint | number)
    }
    return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
  }

  #lookSoon(): void {
    clearTimeout(this.#next)
    if (!this.#isLooking) void this.#look()
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    try {
      await this.#reach()
      this.#pool ??= this.#driver!.createPool({ ...this.#options, ...poolOptions })
      this.#presence.came()
    } catch (error) {
      if (!this.#isClosed) this.#wentAway(wordsOf(error))
    }
    this.#isLooking = false
    if (this.#isClosed) return this.#letGo()
    this.#next = setTimeout(() => this.#lookSoon(), this.isUp ? LOOK : LOOK_AGAIN).unref()
  }

  async #reach(): Promise<void> {
    this.#driver ??= nodeRequire('mysql2/promise') as Driver
    if (this.#watcher === undefined) this.#watcher = await this.#connectWatcher(this.#driver)
    else await within(CONNECT, this.#watcher.ping())
  }

  async #connectWatcher(driver: Driver): Promise<Connection> {
    const connection = await within(CONNECT, driver.createConnection(this.#options), (late) => late.destroy())
    // A server that ends says so here first; without a listener the error would be thrown where nobody catches.
    const ended = (): void => {
      if (this.#watcher !== connection) return
      this.#watcher = undefined
      if (!this.#isClosed) this.#lookSoon()
    }
    connection.on('error', ended)
    connection.on('end', ended)
    return connection
  }

  #wentAway(why: string): void {
    this.#presence.went(why)
    this.#why = why
    // The pool's connections lead to a server that is gone.
    void this.#letGo()
  }

  async #letGo(): Promise<void> {
    const [pool, watcher] = [this.#pool, this.#watcher]
    this.#pool = undefined
    this.#watcher = undefined
    watcher?.destroy()
    if (pool !== undefined) await within(CLOSE, pool.end()).catch(() => undefined)
  }
}

/** What the server said leaves the connection good; anything else does not. */
function isLost(error: unknown): boolean {
  return !('sqlState' in (error as object)) || (error as { fatal?: boolean }).fatal === true
}

/** A name with several addresses, none of which answers, is an error without words of its own. */
function wordsOf(error: unknown): string {
  const { message, code } = error as Error & { code?: string }
  return message || code || 'no connection'
}

const poolOptions = { connectionLimit: CONNECTIONS, queueLimit: QUEUE, waitForConnections: true }

function optionsFor({ host, port, socket, user, password, name }: MysqlAddress): ConnectionOptions {
  return {
    ...(socket === undefined ? { host, port } : { socketPath: socket }),
    user,
    password,
    database: name,
    connectTimeout: CONNECT,
    charset: 'utf8mb4',
    maxPreparedStatements: STATEMENTS,
    // As they stand in the table, and no number that is nearly right.
    dateStrings: true,
    timezone: 'Z',
    supportBigNumbers: true,
    jsonStrings: true,
  }
}
