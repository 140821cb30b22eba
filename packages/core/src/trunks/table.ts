/** Reads the table `uacreg`, and says once what is odd about it. */
import type { Sql } from '@signalbox/dsl'
import { isNoTable } from '../store/database.ts'
import { columnsOf, readRow, type TrunkRow } from './columns.ts'

/** Versions of Kamailio's table that are known here. */
const OLDEST = 3
const NEWEST = 6

/** Rows of one query, as its text says: MySQL takes no bound number there. */
const PAGE = 500

const HOW = 'signalbox db init makes it'
const GONE = 'the database has no table uacreg any more'

export interface TableLog {
  info(message: string): void
  warn(message: string): void
}

export class TrunkTable {
  readonly #sql: Sql
  readonly #isThere: () => boolean
  readonly #isWanted: () => boolean
  readonly #log: TableLog
  readonly #said = new Set<string>()
  #wasThere = false
  #lacking = ''

  /** Nothing is asked while there is no database: `isThere` says so. `isWanted`: somebody counts on trunks. */
  constructor(sql: Sql, log: TableLog, isThere = (): boolean => true, isWanted = (): boolean => false) {
    this.#sql = sql
    this.#isThere = isThere
    this.#isWanted = isWanted
    this.#log = log
  }

  /** Why there are no rows, where there is no table; '' otherwise. */
  get lacking(): string {
    return this.#lacking
  }

  /** Every row; none where there has never been a table. Rejects when the database cannot say. */
  async all(): Promise<TrunkRow[]> {
    const rows: TrunkRow[] = []
    this.#lacking = this.#isThere() ? '' : `there is no database file (${HOW})`
    if (this.#lacking !== '') return rows
    for (let after: unknown = -1; ;) {
      const records = await this.#page(after)
      if (records === undefined) {
        // A backup that is put back takes it away for a while: nobody's trunks are withdrawn for that.
        if (this.#wasThere) throw new Error(GONE)
        this.#lacking = `the database has no table uacreg (${HOW})`
        this.#once(this.#isWanted() ? 'warn' : 'info', `${this.#lacking}, and so there are no trunks`)
        return []
      }
      this.#wasThere = true
      rows.push(...(await this.#read(records)))
      if (records.length < PAGE) return rows
      after = records.at(-1)!['id']
    }
  }

  /** Some at a time: the embedded store reads on the thread of the calls. `undefined`: there is no table. */
  #page(after: unknown): Promise<Record<string, unknown>[] | undefined> {
    const sql = this.#sql
    const records = sql<Record<string, unknown>>`
      select * from uacreg where id > ${after as number} order by id limit 500`
    return records.catch(noTable)
  }

  async one(uuid: string): Promise<TrunkRow | undefined> {
    if (!this.#isThere()) return undefined
    const sql = this.#sql
    // By its name without blanks around it, as `readRow` gives it.
    const records = await sql<Record<string, unknown>>`
      select * from uacreg where trim(l_uuid) = ${uuid} order by id`.catch(noTable)
    if (records === undefined && this.#wasThere) throw new Error(GONE)
    return (await this.#read(records ?? [])).find(({ l_uuid }) => l_uuid === uuid)
  }

  async #read(records: readonly Record<string, unknown>[]): Promise<TrunkRow[]> {
    if (records[0] === undefined) return []
    const { lacking, older, version } = columnsOf(records[0])
    if (lacking.length > 0) {
      throw new Error(`the table uacreg has no ${lacking.join(', ')}: it is not Kamailio's, or older than version 1`)
    }
    if (older.length > 0) {
      this.#once('warn', `the table uacreg is of version ${version}: it has no ${older.join(', ')}, and works without`)
    }
    await this.#checkVersion(version)
    return records.map(readRow)
  }

  /** What the columns say counts; `version` may be of another opinion. */
  async #checkVersion(version: number): Promise<void> {
    if (this.#said.has('version')) return
    this.#said.add('version')
    const sql = this.#sql
    const rows = await sql<{
      table_version: unknown
    }>`select table_version from version where table_name = ${'uacreg'}`.catch(() => [])
    const said = Number(rows[0]?.table_version)
    if (!Number.isInteger(said)) return
    if (said > NEWEST || said < OLDEST) {
      this.#log.warn(
        `the table uacreg is of version ${said}, and ${OLDEST} to ${NEWEST} are known here: it is read as it is`,
      )
    } else if (said !== version) {
      this.#log.warn(`the table version says ${said} of uacreg, and its columns are those of version ${version}`)
    }
  }

  #once(level: 'info' | 'warn', message: string): void {
    if (this.#said.has(message)) return
    this.#said.add(message)
    this.#log[level](message)
  }
}

function noTable(error: unknown): undefined {
  if (!isNoTable(error)) throw error
}
