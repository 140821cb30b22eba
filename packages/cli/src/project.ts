/**
 * Finds a project's parts from its folder. Only the keys and variables that a command needs are read, so that it runs without the others'
 * secrets and whatever is wrong with them.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { loadConfigFile, MANIFEST, parseConfig, type LoadOptions, type ResolvedConfig } from '@signalbox/core/build'

export function configFile(dir: string): string {
  return path.resolve(dir, 'signalbox.config.ts')
}

/** A bundle that was copied without its project: it runs on the defaults and what the environment says. */
export function isBundleFolder(dir: string): boolean {
  const isThere = (file: string) => existsSync(path.resolve(dir, file))
  return isThere(MANIFEST) && !isThere('signalbox.config.ts') && !isThere('routes/main.ts')
}

/** The whole config, checked; where it is optional and not there, the defaults. `aside`: while calls are served. Throws `CONFIG` or `BUILD`. */
export async function loadConfig(dir: string, { optional = false, aside = false } = {}): Promise<ResolvedConfig> {
  const isLeftOut = optional && existsSync(dir) && !existsSync(configFile(dir))
  return parseConfig(isLeftOut ? {} : await readConfig(dir, { aside }), configFile(dir))
}

/** What the file says, as a start would check it. `missed` is given the variables that it asked for and that are not set. Throws `CONFIG` or `BUILD`. */
export async function checkConfigFile(dir: string, missed: Set<string>): Promise<void> {
  const raw = (await readConfig(dir, { missed })) as { admin?: { token?: unknown } } | undefined
  // Who leaves the token to the environment leaves it to that of the machine that it runs on.
  const env = raw?.admin?.token === undefined ? { SIGNALBOX_ADMIN_TOKEN: 'a token' } : {}
  parseConfig(raw, configFile(dir), env)
}

async function readConfig(dir: string, options?: LoadOptions): Promise<unknown> {
  return isBundleFolder(dir) ? {} : loadConfigFile(configFile(dir), options)
}

/** What a build or a type check needs: where the sources are. */
export async function loadSources(dir: string): Promise<{ root: string; routes: string }> {
  const { dir: root, routes } = await loadSection(dir, 'routes')
  return { root, routes }
}

/** What a command needs that talks to the running proxy. */
export async function loadAdmin(dir: string): Promise<ResolvedConfig['admin']> {
  return (await loadSection(dir, 'admin')).admin
}

/** What a command needs that works on the database. It holds the password. */
export async function loadDatabase(dir: string): Promise<ResolvedConfig['database']> {
  return (await loadSection(dir, 'database')).database
}

/** The variables that lie over each section. */
const variables = {
  routes: [],
  admin: ['SIGNALBOX_ADMIN', 'SIGNALBOX_ADMIN_TOKEN'],
  database: ['SIGNALBOX_DATABASE'],
}

async function loadSection(dir: string, key: keyof typeof variables): Promise<ResolvedConfig> {
  const raw = await readConfig(dir)
  const env = Object.fromEntries(variables[key].map((name) => [name, process.env[name]]))
  if (typeof raw !== 'object' || raw === null) return parseConfig(raw, configFile(dir), env)
  return parseConfig({ [key]: (raw as Record<string, unknown>)[key] }, configFile(dir), env)
}
