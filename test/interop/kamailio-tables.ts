/** Kamailio's own tables, by the SQL scripts that its MySQL package brings; ours where they are not installed. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMissing } from '../../packages/core/src/store/create-missing.ts'
import type { Store } from '../../packages/core/src/store/store.ts'

const FOLDER = '/usr/share/kamailio/mysql'
const scripts = ['standard', 'uac', 'usrloc', 'auth_db'].map((name) => join(FOLDER, `${name}-create.sql`))

export const hasScripts = scripts.every((file) => existsSync(file))

/** Into a database that is empty. */
export async function createKamailioTables({ database }: Pick<Store, 'database'>): Promise<void> {
  if (!hasScripts) {
    console.warn(
      `NOT RUN on Kamailio's own tables, but on ours: ${FOLDER} has no scripts (package kamailio-mysql-modules)`,
    )
    await createMissing(database, 'mysql')
    return
  }
  for (const file of scripts) {
    for (const statement of readFileSync(file, 'utf8').split(/;\s*\n/)) {
      if (statement.trim() !== '') await database.query(statement, [])
    }
  }
}

/** Columns that a version of `uacreg` has more than the one before it, and after which one they stand. */
const later = [
  { version: 4, column: 'socket', after: 'reg_delay', type: 'varchar(128)' },
  { version: 5, column: 'contact_addr', after: 'reg_delay', type: 'varchar(255)' },
  { version: 6, column: 'contact_user', after: 'contact_addr', type: 'varchar(255)' },
]

/** Makes of `uacreg` what another release of Kamailio has. */
export async function setTrunkVersion({ database }: Pick<Store, 'database'>, version: number): Promise<void> {
  for (const { version: since, column, after, type } of later) {
    const rows = await database.query(
      `select column_name from information_schema.columns
        where table_schema = database() and table_name = 'uacreg' and column_name = ?`,
      [column],
    )
    const isThere = rows.length > 0
    if (isThere && since > version) await database.query(`alter table uacreg drop column ${column}`, [])
    if (!isThere && since <= version) {
      await database.query(`alter table uacreg add column ${column} ${type} default '' not null after ${after}`, [])
    }
  }
  await database.query(`update version set table_version = ? where table_name = 'uacreg'`, [version])
}
