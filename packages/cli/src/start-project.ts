/**
 * A project's folder becomes a running proxy: config, bundle, server. What `start`, `dev` and demos have in common; signals and the terminal
 * are theirs.
 */
import { createServer, type Server, type ServerOptions } from '@signalbox/core'
import { buildBundle, stopBuilder, type Bundle, type ResolvedConfig } from '@signalbox/core/build'
import { loadConfig } from './project.ts'

/** Which project, and who watches it. */
export interface StartOptions {
  dir: string
  /** Sees every message and route run, for a trace. */
  observer?: ServerOptions['observer']
  /** Whether more builds are expected: the builder's process is kept, and each is some milliseconds faster. */
  keepBuilder?: boolean
}

/** A project whose proxy runs in this process. */
export interface RunningProject {
  config: ResolvedConfig
  server: Server
}

/** Throws `SignalboxError`: `CONFIG`, `BUILD`, `LISTEN`, or what is wrong with the bundle. */
export async function startProject({ dir, observer, keepBuilder = false }: StartOptions): Promise<RunningProject> {
  const config = await loadConfig(dir)
  const rebuild = async (): Promise<Bundle> => {
    try {
      return await buildBundle({ routes: config.routes, root: config.dir })
    } finally {
      if (!keepBuilder) await stopBuilder()
    }
  }
  const server = await createServer({ config, bundle: await rebuild(), rebuild, ...(observer && { observer }) })
  if (config.notInForce.length > 0)
    server.log.warn(`set in the config, but not in force yet: ${config.notInForce.join(', ')}`)
  return { config, server }
}
