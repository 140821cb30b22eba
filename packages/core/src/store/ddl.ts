/** From a table of `schema.ts` to the statements that make it. Both stores take names in backticks. */
import type { Dialect } from './database.ts'
import type { Column, ColumnType, Index, Table } from './schema.ts'

/** One statement for MySQL; SQLite makes indexes on their own, and knows them by names that no other table has. */
export function createStatements(table: Table, dialect: Dialect): string[] {
  const { name, columns, indexes } = table
  const lines = columns.map((column) => columnOf(column, dialect))
  if (dialect === 'mysql') return [create(name, [...lines, ...indexes.map(mysqlIndex)])]
  return [create(name, lines), ...indexes.map((index) => sqliteIndex(name, index))]
}

function create(name: string, lines: readonly string[]): string {
  return `create table ${quoted(name)} (\n  ${lines.join(',\n  ')}\n)`
}

function columnOf({ name, type, default: preset }: Column, dialect: Dialect): string {
  const start = `${quoted(name)} ${typeOf(type, dialect)}`
  if (type === 'id') return start
  if (preset === undefined) return `${start} not null`
  if (preset === null) return `${start} default null`
  return `${start} default ${typeof preset === 'number' ? preset : `'${preset}'`} not null`
}

function typeOf(type: ColumnType, dialect: Dialect): string {
  if (typeof type === 'object') return `varchar(${type.varchar})`
  return (dialect === 'mysql' ? mysqlTypes : sqliteTypes)[type]
}

const shared = { int: 'int', float: 'float(10,2)', datetime: 'datetime' }
const mysqlTypes = { ...shared, id: 'int unsigned not null auto_increment primary key', unsigned: 'int unsigned' }
const sqliteTypes = { ...shared, id: 'integer primary key autoincrement not null', unsigned: 'int' }

function mysqlIndex({ name, columns, unique = false }: Index): string {
  return `${unique ? 'unique ' : ''}key ${quoted(name)} (${list(columns)})`
}

function sqliteIndex(table: string, { name, columns, unique = false }: Index): string {
  return `create ${unique ? 'unique ' : ''}index ${quoted(`${table}_${name}`)} on ${quoted(table)} (${list(columns)})`
}

function list(columns: readonly string[]): string {
  return columns.map(quoted).join(', ')
}

function quoted(name: string): string {
  return `\`${name}\``
}
