/**
 * From what the config file exports to what the server runs on: environment laid over it, checked, defaults filled in,
 * times in milliseconds, addresses taken apart. Reading the file is `build/load-config.ts`.
 */
import path from 'node:path'
import { SignalboxError } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { parseDatabaseAddress, type DatabaseAddress } from '../store/address.ts'
import { parseHostPort, parseListen, type HostPort } from './address.ts'
import { problemsOf, type Origin } from './problems.ts'
import { schema, whereOf, type CheckedConfig } from './schema.ts'

/** One socket of `listen`, checked. */
export interface ListenConfig {
  transport: 'udp'
  host: string
  port: number
  /** What goes into Via and Record-Route instead of the socket's own address. */
  advertise?: HostPort
}

/** A config that was checked, with every default in place; durations are milliseconds. */
export interface ResolvedConfig {
  /** The config file, and its folder, to which paths are relative. */
  file: string
  dir: string
  /** Absolute. */
  routes: string
  listen: ListenConfig[]
  /** In lower case. */
  aliases: string[]
  /** Holds a password: not for logs. */
  database: DatabaseAddress
  admin: { host: string; port: number; token?: string }
  /** Milliseconds. */
  timers: { t1: number; c: number }
  drain: { timeout: number }
  handlers: { deadline: number; cpu: number }
  log: CheckedConfig['log']
  limits: Limits
  /** Seconds. */
  registrar: CheckedConfig['registrar']
  /** Processes that serve. */
  workers: number
  uac: Omit<CheckedConfig['uac'], 'restorePassword'> & {
    /** The first one writes, all read; '' stands for a random key. */
    restorePassword: string[]
  }
  /** Keys that were set and are understood, but that nothing acts upon yet. */
  notInForce: string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** Throws `CONFIG`, with everything that is wrong. `file` is absolute. */
export function parseConfig(raw: unknown, file: string, env: Environment = process.env): ResolvedConfig {
  const { value, overrides } = withEnvironment(raw, env)
  const result = schema.safeParse(value)
  if (result.success) return resolve(result.data, file)
  const problems = problemsOf(result.error.issues, value, { file, overrides })
  throw new SignalboxError('CONFIG', `the config cannot be used: ${problems[0]!.text}`, problems)
}

/** What is no text in the config. What cannot be read is complained about as it is. */
const readers: Record<string, (text: string) => unknown> = {
  listen: (text) => text.split(',').map((entry) => entry.trim()),
  workers: (text) => (/^\d+$/.test(text) ? Number(text) : text),
}

/** `SIGNALBOX_*` win over the file. An empty variable counts as unset. */
function withEnvironment(raw: unknown, env: Environment): { value: unknown } & Pick<Origin, 'overrides'> {
  const overrides = new Map<string, string>()
  if (!isRecord(raw)) return { value: raw, overrides }
  const value: Record<string, unknown> = { ...raw }
  const admin: Record<string, unknown> = isRecord(raw.admin) ? { ...raw.admin } : {}
  const override = (target: Record<string, unknown>, key: string, path: string, variable: string) => {
    const text = env[variable]
    if (!text) return
    target[key] = readers[path]?.(text) ?? text
    overrides.set(path, variable)
  }
  override(value, 'listen', 'listen', 'SIGNALBOX_LISTEN')
  override(value, 'workers', 'workers', 'SIGNALBOX_WORKERS')
  override(value, 'database', 'database', 'SIGNALBOX_DATABASE')
  override(admin, 'listen', 'admin.listen', 'SIGNALBOX_ADMIN')
  override(admin, 'token', 'admin.token', 'SIGNALBOX_ADMIN_TOKEN')
  if (raw.admin === undefined || isRecord(raw.admin)) value.admin = admin
  return { value, overrides }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function resolve(config: CheckedConfig, file: string): ResolvedConfig {
  const dir = path.dirname(file)
  const { host, port } = parseHostPort(config.admin.listen)!
  const { timers, drain, handlers, log, limits, registrar, workers } = config
  return {
    file,
    dir,
    routes: path.resolve(dir, config.routes),
    listen: config.listen.map(resolveListen),
    aliases: config.aliases.map((alias) => alias.toLowerCase()),
    database: parseDatabaseAddress(config.database, dir)!,
    admin: { host, port: port!, ...(config.admin.token !== undefined && { token: config.admin.token }) },
    timers,
    drain,
    handlers,
    log,
    limits,
    registrar,
    workers,
    uac: { ...config.uac, restorePassword: [config.uac.restorePassword].flat() },
    notInForce: notInForce(config),
  }
}

function resolveListen(entry: CheckedConfig['listen'][number]): ListenConfig {
  const { host, port } = parseListen(whereOf(entry))!
  const advertise = typeof entry === 'object' && entry.advertise ? parseHostPort(entry.advertise) : undefined
  return { transport: 'udp', host, port, ...(advertise && { advertise }) }
}

function notInForce({ listen }: CheckedConfig): string[] {
  const hasCert = (entry: CheckedConfig['listen'][number]): boolean =>
    typeof entry === 'object' && (entry.cert ?? entry.key) !== undefined
  return listen.flatMap((entry, index) => (hasCert(entry) ? [`listen[${index}].cert`] : []))
}
