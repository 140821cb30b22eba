/** What the two stores have in common: a statement with `?` in it goes in, rows come out. Text is built in `statement.ts`, never here. */
import { SignalboxError } from '../errors.ts'

/** Whose SQL it is, where the two differ. */
export type Dialect = 'sqlite' | 'mysql'

/** What a driver is given; `statement.ts` makes it of what a route may bind. */
export type Bound = string | number | bigint | null | Uint8Array

export type Row = Record<string, unknown>

export interface Database {
  /** False while it is known to be away. */
  readonly isUp: boolean
  /** The rows; none for a statement that has none. Rejects with `DATABASE`, after a bounded time. */
  query(text: string, values: readonly Bound[]): Promise<Row[]>
  close(): Promise<void>
}

/** Told once per change, never per query. */
export interface DatabaseLog {
  info(message: string): void
  warn(message: string): void
}

export function databaseError(message: string): SignalboxError {
  return new SignalboxError('DATABASE', `the database: ${message}`)
}

/** What SQLite and MySQL say when there is no such table. */
export function isNoTable(error: unknown): boolean {
  return error instanceof Error && /no such table|doesn't exist/i.test(error.message)
}

/** Whether the database is there, said when that changes. */
export class Presence {
  readonly #name: string
  readonly #log: DatabaseLog
  #isUp: boolean

  /** `name` is without the password. */
  constructor(name: string, log: DatabaseLog, isUp: boolean) {
    this.#name = name
    this.#log = log
    this.#isUp = isUp
  }

  get isUp(): boolean {
    return this.#isUp
  }

  came(): void {
    if (!this.#isUp) this.#log.info(`the database ${this.#name} is back`)
    this.#isUp = true
  }

  went(why: string): void {
    if (this.#isUp) this.#log.warn(`the database ${this.#name} is away: ${why}`)
    this.#isUp = false
  }
}
