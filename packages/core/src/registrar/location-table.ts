/**
 * The table `location` behind one interface: read once, written in batches. A batch has one of two sizes, so that a store prepares few statements.
 */
import type { Bound, Database, Dialect, Row } from '../store/database.ts'
import type { Binding } from './binding.ts'
import { rowOf, writtenColumns, type Moment } from './rows.ts'

export interface LocationStore {
  readonly database: Pick<Database, 'query' | 'isUp'>
  readonly dialect: Dialect
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

/** What becomes of a row that is there already: it keeps its id, and the columns that are not ours. */
const updates = {
  sqlite: `on conflict do update set ${assignments((name) => `excluded.${name}`)}`,
  mysql: `on duplicate key update ${assignments((name) => `values(${name})`)}`,
}

function assignments(value: (name: string) => string): string {
  return writtenColumns.map((name) => `${name} = ${value(name)}`).join(', ')
}

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

  /** At most `BATCH`. One that is there already is changed. */
  async save(bindings: readonly Binding[], now: Moment): Promise<void> {
    const ids = await this.#idsOf(bindings)
    const isKnown = ({ ruid }: Binding): boolean => ids.has(ruid)
    await this.#write(
      columns,
      bindings.filter((each) => !isKnown(each)).map((each) => rowOf(each, now)),
    )
    await this.#write(
      `id, ${columns}`,
      bindings.filter(isKnown).map((each) => [ids.get(each.ruid)!, ...rowOf(each, now)]),
    )
  }

  /** Of the rows that are there. A row that names no id uses one up though it only changes what is there, and MySQL's would run out. */
  async #idsOf(bindings: readonly Binding[]): Promise<ReadonlyMap<string, number>> {
    if (bindings.length === 0) return new Map()
    const text = `select id, ruid from location where ruid in (${marks(BATCH)})`
    const rows = await this.#store.database.query(text, padded(bindings.map(({ ruid }) => ruid)))
    return new Map(rows.map(({ id, ruid }) => [String(ruid), Number(id)]))
  }

  async #write(names: string, rows: readonly (readonly Bound[])[]): Promise<void> {
    const [first] = rows
    if (first === undefined) return
    if (rows.length !== BATCH && rows.length > 1) {
      for (const row of rows) await this.#write(names, [row])
      return
    }
    const values = rows.map((row) => `(${marks(row.length)})`).join(', ')
    const text = `insert into location (${names}) values ${values} ${updates[this.#store.dialect]}`
    await this.#store.database.query(text, rows.flat())
  }

  /** At most `BATCH`. */
  async remove(ruids: readonly string[]): Promise<void> {
    if (ruids.length === 0) return
    await this.#store.database.query(`delete from location where ruid in (${marks(BATCH)})`, padded(ruids))
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

function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ')
}

/** Named once more where there are fewer: a statement of one length serves all. */
function padded(ruids: readonly string[]): string[] {
  return Array.from({ length: BATCH }, (_, i) => ruids[i] ?? ruids[0]!)
}
