/**
 * A project's folder becomes a running proxy: config, bundle, server. What `start`, `dev` and demos have in common; signals and the terminal
 * are theirs.
 */
import { createServer, type Server, type ServerOptions } from '@signalbox/core'
import type { ResolvedConfig } from '@signalbox/core/build'
import { routesSource, type ReadRoutes, type SourceOptions } from './routes-source.ts'

/** Which project, and who watches it. */
export interface StartOptions extends SourceOptions {
  /** Sees every message and route run, for a trace. */
  observer?: ServerOptions['observer']
}

/** A project whose proxy runs in this process. */
export interface RunningProject {
  /** As it was at the start. */
  config: ResolvedConfig
  server: Server
  /** Config and routes as they are now. */
  read: ReadRoutes
}

/** Throws `SignalboxError`: `CONFIG`, `BUILD`, `LISTEN`, or what is wrong with the bundle. */
export async function startProject({ observer, ...source }: StartOptions): Promise<RunningProject> {
  const read = routesSource(source)
  const { config, bundle, folder } = await read()
  const server = await createServer({ config, bundle, rebuild: read, ...(observer && { observer }) })
  if (config.notInForce.length > 0)
    server.log.warn(`set in the config, but not in force yet: ${config.notInForce.join(', ')}`)
  if (folder !== undefined) server.log.info(`the routes are the bundle in ${folder}, as it is`)
  return { config, server, read }
}
