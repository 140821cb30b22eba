/**
 * The bundle that a simulation runs. Tests make many simulations of the same routes: what was built is taken again for as long as no file that
 * went into it has changed.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { buildBundle } from '../build/build.ts'
import type { Bundle } from '../build/bundle.ts'
import { loadConfigFile } from '../build/load-config.ts'

interface Built {
  readonly bundle: Bundle
  /** Of the contents of everything that went in. */
  readonly digest: string
}

/** By route file; a process has few. */
const built = new Map<string, Promise<Built>>()

/** Route file → bundle. Without one, the `routes` of the project in the working directory. Throws `BUILD` or `CONFIG`. */
export async function routeBundle(routes: string | undefined): Promise<Bundle> {
  const file = routes === undefined ? await configuredRoutes() : path.resolve(routes)
  const before = await built.get(file)?.catch(() => undefined)
  if (before !== undefined && before.digest === (await digestOf(before.bundle.inputs))) return before.bundle
  const building = build(file)
  built.set(file, building)
  return (await building).bundle
}

async function build(routes: string): Promise<Built> {
  const bundle = await buildBundle({ routes, root: process.cwd() })
  return { bundle, digest: (await digestOf(bundle.inputs)) ?? '' }
}

/** Undefined when one of them is gone. */
async function digestOf(files: readonly string[]): Promise<string | undefined> {
  const hash = createHash('sha256')
  const texts = await Promise.all(files.map((file) => readFile(file).catch(() => undefined)))
  for (const text of texts) {
    if (text === undefined) return undefined
    hash.update(createHash('sha256').update(text).digest())
  }
  return hash.digest('hex')
}

let configured: Promise<string> | undefined

/** Read once: a test run does not change where the routes are. No other key is looked at, so that no secret is needed. */
function configuredRoutes(): Promise<string> {
  return (configured ??= readConfiguredRoutes())
}

async function readConfiguredRoutes(): Promise<string> {
  const { parseConfig } = await import('../config/config.ts')
  const file = path.resolve('signalbox.config.ts')
  const raw = await loadConfigFile(file)
  const isObject = typeof raw === 'object' && raw !== null
  return parseConfig(isObject ? { routes: (raw as { routes?: unknown }).routes } : raw, file, {}).routes
}
