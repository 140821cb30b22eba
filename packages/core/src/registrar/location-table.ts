/**
 * The table `location` behind one interface: read once, written in batches. A batch has one of two sizes, so that a store prepares four statements
 * and no more.
 */
import type { Database, Row } from '../store/database.ts'
import type { Binding } from './binding.ts'
import { rowOf, writtenColumns, type Moment } from './rows.ts'

export interface LocationStore {
  readonly database: Pick<Database, 'query' | 'isUp'>
  /** Makes the tables. Only where the store is the proxy's own file: a database of the user's is not altered without being asked. */
  createTables?(): Promise<unknown>
  /** Lets other work go on. Default: until the event loop has gone round. */
  turn?(): Promise<void>
}

/** Rows written or removed at a time. */
export const BATCH = 50
/** Rows read at a time: other work goes on between. */
const PAGE = 200

const columns = writtenColumns.join(', ')
const marks = `(${writtenColumns.map(() => '?').join(', ')})`

export class LocationTable {
  readonly #store: LocationStore

  constructor(store: LocationStore) {
    this.#store = store
  }

  get isUp(): boolean {
    return this.#store.database.isUp
  }

  /** To be awaited between one batch and the next: an embedded store answers without leaving the turn. */
  turn(): Promise<void> {
    return this.#store.turn?.() ?? new Promise((resolve) => setImmediate(resolve))
  }

  /** The rows in pages. */
  async *pages(): AsyncGenerator<readonly Row[]> {
    const text = `select id, ${columns} from location where id > ? order by id limit ${PAGE}`
    for (let last = 0; ;) {
      const rows = await this.#store.database.query(text, [last])
      yield rows
      if (rows.length < PAGE) return
      last = Number(rows.at(-1)!['id'])
      await this.turn()
    }
  }

  /** At most `BATCH`. One that is there already is replaced. */
  async save(bindings: readonly Binding[], now: Moment): Promise<void> {
    if (bindings.length === 0) return
    if (bindings.length !== BATCH && bindings.length > 1) {
      for (const binding of bindings) await this.save([binding], now)
      return
    }
    const text = `replace into location (${columns}) values ${bindings.map(() => marks).join(', ')}`
    const values = bindings.flatMap((binding) => rowOf(binding, now))
    await this.#store.database.query(text, values)
  }

  /** At most `BATCH`. */
  async remove(ruids: readonly string[]): Promise<void> {
    if (ruids.length === 0) return
    // Asked for once more where there are fewer: a statement of one length serves all.
    const padded = Array.from({ length: BATCH }, (_, i) => ruids[i] ?? ruids[0]!)
    const text = `delete from location where ruid in (${padded.map(() => '?').join(', ')})`
    await this.#store.database.query(text, padded)
  }

  /** Rejects where the table cannot be written to for a reason that is no row's. */
  async probe(): Promise<void> {
    await this.#store.database.query(`delete from location where ruid = ?`, [''])
  }

  /** Whether the tables could be made. */
  async create(): Promise<boolean> {
    if (this.#store.createTables === undefined) return false
    await this.#store.createTables()
    return true
  }
}

/** What SQLite and MySQL say when there is no such table. */
export function isMissing(error: unknown): boolean {
  return /no such table|doesn't exist/i.test(String((error as Error).message))
}
