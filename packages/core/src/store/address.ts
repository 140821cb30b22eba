/** The config's `database`: `sqlite:FILE` or `mysql://user:pass@host:port/name`, taken apart once, so that the password has one place. */
import path from 'node:path'

export interface SqliteAddress {
  kind: 'sqlite'
  /** Absolute, or `:memory:`. */
  file: string
}

export interface MysqlAddress {
  kind: 'mysql'
  host: string
  port: number
  /** A unix socket, instead of host and port. */
  socket?: string
  user: string
  password: string
  name: string
}

/** Where the database is: a SQLite file or a MySQL server. */
export type DatabaseAddress = SqliteAddress | MysqlAddress

const MYSQL_PORT = 3306

/** The password ends at the last `@` before the host, so that one with `@`, `:`, `/` or `#` in it may be written as it is. */
const mysql =
  /^mysql:\/\/(?:(?<user>[^:@/]*)(?::(?<password>.*))?@)?(?<host>\[[0-9a-f:.]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?\/(?<name>[^/?#@]+)(?:\?socket=(?<socket>[^&]+))?$/i

/** `undefined` when it is none. Relative files are relative to `dir`. */
export function parseDatabaseAddress(url: string, dir: string): DatabaseAddress | undefined {
  if (url.startsWith('sqlite:')) return sqliteAddress(url.slice('sqlite:'.length), dir)
  const { user = '', password = '', host, port, name, socket } = mysql.exec(url)?.groups ?? {}
  if (host === undefined || name === undefined || Number(port ?? 0) > 65_535) return undefined
  return {
    kind: 'mysql',
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port ?? MYSQL_PORT),
    ...(socket !== undefined && { socket: decoded(socket) }),
    user: decoded(user),
    password: decoded(password),
    name: decoded(name),
  }
}

function sqliteAddress(file: string, dir: string): SqliteAddress | undefined {
  if (file === '') return undefined
  return { kind: 'sqlite', file: file === ':memory:' ? file : path.resolve(dir, file) }
}

/** What logs and errors say: without the password. */
export function nameOf(address: DatabaseAddress): string {
  if (address.kind === 'sqlite') return `sqlite:${address.file}`
  const { user, host, port, socket, name } = address
  return `mysql://${user}@${socket ?? `${host.includes(':') ? `[${host}]` : host}:${port}`}/${name}`
}

/** `%40` is `@`; a `%` that stands for itself stays. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
