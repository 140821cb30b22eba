/**
 * Kamailio's tables, column by column, in the versions that its `version` table gives them: one list, of which MySQL's and SQLite's DDL are
 * made. Names, types and defaults are Kamailio's, so that it and Signalbox can use the same tables.
 */

export type ColumnType = 'id' | 'int' | 'unsigned' | 'float' | 'datetime' | { readonly varchar: number }

export interface Column {
  readonly name: string
  readonly type: ColumnType
  /** `null`: may be null, and is so by default. Undefined: has to be given. */
  readonly default?: string | number | null
}

export interface Index {
  readonly name: string
  readonly columns: readonly string[]
  readonly unique?: boolean
}

export interface Table {
  readonly name: string
  readonly version: number
  readonly columns: readonly Column[]
  readonly indexes: readonly Index[]
}

const id: Column = { name: 'id', type: 'id' }
const text = (name: string, varchar: number, preset: string | null = ''): Column => ({
  name,
  type: { varchar },
  default: preset,
})
const int = (name: string, preset: number | null = 0): Column => ({ name, type: 'int', default: preset })
const time = (name: string, preset: string): Column => ({ name, type: 'datetime', default: preset })

export const version: Table = {
  name: 'version',
  version: 1,
  columns: [id, { name: 'table_name', type: { varchar: 32 } }, { name: 'table_version', type: 'unsigned', default: 0 }],
  indexes: [{ name: 'table_name_idx', columns: ['table_name'], unique: true }],
}

export const uacreg: Table = {
  name: 'uacreg',
  version: 6,
  columns: [
    id,
    text('l_uuid', 64),
    text('l_username', 64),
    text('l_domain', 64),
    text('r_username', 64),
    text('r_domain', 64),
    text('realm', 64),
    text('auth_username', 64),
    text('auth_password', 64),
    text('auth_ha1', 128),
    text('auth_proxy', 255),
    int('expires'),
    int('flags'),
    int('reg_delay'),
    text('contact_addr', 255),
    text('contact_user', 255),
    text('socket', 128),
  ],
  indexes: [{ name: 'l_uuid_idx', columns: ['l_uuid'], unique: true }],
}

export const location: Table = {
  name: 'location',
  version: 9,
  columns: [
    id,
    text('ruid', 64),
    text('username', 64),
    text('domain', 64, null),
    text('contact', 512),
    text('received', 128, null),
    text('path', 512, null),
    time('expires', '2030-05-28 21:32:15'),
    { name: 'q', type: 'float', default: 1 },
    text('callid', 255, 'Default-Call-ID'),
    int('cseq', 1),
    time('last_modified', '2000-01-01 00:00:01'),
    int('flags'),
    int('cflags'),
    text('user_agent', 255),
    text('socket', 64, null),
    int('methods', null),
    text('instance', 255, null),
    int('reg_id'),
    int('server_id'),
    int('connection_id'),
    int('keepalive'),
    int('partition'),
  ],
  indexes: [
    { name: 'ruid_idx', columns: ['ruid'], unique: true },
    { name: 'account_contact_idx', columns: ['username', 'domain', 'contact'] },
    { name: 'expires_idx', columns: ['expires'] },
    { name: 'connection_idx', columns: ['server_id', 'connection_id'] },
  ],
}

export const subscriber: Table = {
  name: 'subscriber',
  version: 7,
  columns: [id, text('username', 64), text('domain', 64), text('password', 64), text('ha1', 128), text('ha1b', 128)],
  indexes: [
    { name: 'account_idx', columns: ['username', 'domain'], unique: true },
    { name: 'username_idx', columns: ['username'] },
  ],
}

/** In the order in which they are made: the others have a row in `version`. */
export const tables: readonly Table[] = [version, uacreg, location, subscriber]
