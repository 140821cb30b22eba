/**
 * Where the routes of a proxy come from: sources that are built at the start and at each reload, or a bundle that is read as it is. The config
 * is read again each time.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { buildBundle, readBundle, stopBuilder, type Bundle, type ResolvedConfig } from '@signalbox/core/build'
import { isBundleFolder, loadConfig } from './project.ts'
import { newestBundle } from './write-bundle.ts'

export interface SourceOptions {
  dir: string
  /** Runs the bundle in this folder; `true`: the newest of the project. */
  bundle?: string | true | undefined
  /** Somebody waits for each save to be live: the builder's process is kept, and the config is evaluated without a thread of its own. */
  quick?: boolean
}

export interface Routes {
  config: ResolvedConfig
  bundle: Bundle
  /** The folder that the bundle was read from, where it was not built. */
  folder?: string
}

/** Reads config and routes; with a folder, the bundle that is there. Throws `CONFIG`, `BUILD` or `BAD_BUNDLE`. */
export type ReadRoutes = (folder?: string) => Promise<Routes>

export function routesSource({ dir, bundle, quick = false }: SourceOptions): ReadRoutes {
  // What it was started from, it stays with: a route file that is lost is no reason to run an old bundle.
  let own: { folder: string | undefined } | undefined
  return async (folder) => {
    try {
      const config = await loadConfig(dir, {
        optional: (folder ?? bundle) !== undefined,
        aside: own !== undefined && !quick,
      })
      own ??= { folder: bundleFolder(dir, bundle, config) }
      const from = folder ?? own.folder
      if (from !== undefined) return { config, bundle: await readBundle(from), folder: from }
      return { config, bundle: await buildBundle({ routes: config.routes, root: config.dir }) }
    } finally {
      if (!quick) await stopBuilder()
    }
  }
}

/** Undefined: the sources are built. */
function bundleFolder(dir: string, bundle: string | true | undefined, config: ResolvedConfig): string | undefined {
  if (typeof bundle === 'string') return path.resolve(bundle)
  if (isBundleFolder(dir)) return path.resolve(dir)
  const newest = newestBundle(config.dir)
  const isAllThereIs = !existsSync(config.routes) && existsSync(newest)
  return bundle === true || isAllThereIs ? newest : undefined
}
