/** Rows of `uacreg` as a database has them, in the versions 3 to 6 of Kamailio's table: which columns there are is seen from the row. */

/** Kamailio's columns, by their names. */
export interface TrunkRow {
  readonly l_uuid: string
  readonly l_username: string
  readonly l_domain: string
  readonly r_username: string
  readonly r_domain: string
  readonly realm: string
  readonly auth_username: string
  readonly auth_password: string
  readonly auth_ha1: string
  readonly auth_proxy: string
  readonly expires: number
  readonly flags: number
  readonly reg_delay: number
  readonly contact_addr: string
  readonly contact_user: string
  readonly socket: string
}

/** What every version has. */
const mandatory = [
  'l_uuid',
  'l_username',
  'l_domain',
  'r_username',
  'r_domain',
  'realm',
  'auth_username',
  'auth_password',
  'auth_proxy',
  'expires',
]

/** Columns that came later, newest last. */
const later = [
  ['flags', 2],
  ['reg_delay', 2],
  ['auth_ha1', 3],
  ['socket', 4],
  ['contact_addr', 5],
  ['contact_user', 6],
] as const

/** What the columns say of the table. */
export interface TableColumns {
  /** Without these no row can be read. */
  readonly lacking: readonly string[]
  /** Without these it works, but does less. */
  readonly older: readonly string[]
  /** The version that has these columns. */
  readonly version: number
}

export function columnsOf(record: Readonly<Record<string, unknown>>): TableColumns {
  const older = later.filter(([name]) => !(name in record))
  return {
    lacking: mandatory.filter((name) => !(name in record)),
    older: older.map(([name]) => name),
    version: Math.min(6, ...older.map(([, version]) => version - 1)),
  }
}

export function readRow(record: Readonly<Record<string, unknown>>): TrunkRow {
  // Where a column is binary, which compares letter by letter, text comes as bytes.
  const asIs = (name: string): string => {
    const value = record[name]
    if (value instanceof Uint8Array) return Buffer.from(value).toString()
    return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  }
  const text = (name: string): string => asIs(name).trim()
  const number = (name: string): number => {
    const value = Number(record[name] ?? 0)
    return Number.isFinite(value) ? Math.trunc(value) : 0
  }
  return {
    l_uuid: text('l_uuid'),
    l_username: text('l_username'),
    l_domain: text('l_domain'),
    r_username: text('r_username'),
    r_domain: text('r_domain'),
    realm: text('realm'),
    auth_username: text('auth_username'),
    auth_password: asIs('auth_password'),
    auth_ha1: text('auth_ha1').toLowerCase(),
    auth_proxy: text('auth_proxy'),
    expires: number('expires'),
    flags: number('flags'),
    reg_delay: number('reg_delay'),
    contact_addr: text('contact_addr'),
    contact_user: text('contact_user'),
    socket: text('socket'),
  }
}

/** What is compared when the table is looked at again. */
export function fingerprint(row: TrunkRow): string {
  return JSON.stringify(Object.values(row))
}
