/** Where the running proxy's admin port is: `--admin`, or the project's config. The token comes from there or the environment. */
import { parseConfig, type ResolvedConfig } from '@signalbox/core/build'
import { configFile, loadAdmin } from '../project.ts'

export interface AdminOptions {
  dir: string
  /** `HOST:PORT` */
  admin?: string | undefined
}

/** Throws `CONFIG`. A token of the config is not sent to an address that is not the config's. */
export async function adminAddress({ dir, admin }: AdminOptions): Promise<ResolvedConfig['admin']> {
  return admin === undefined ? loadAdmin(dir) : parseAdmin(admin)
}

function parseAdmin(listen: string): ResolvedConfig['admin'] {
  const { SIGNALBOX_ADMIN_TOKEN: token } = process.env
  // Off loopback the schema wants a token; whether one is needed is for the proxy to say.
  const { admin } = parseConfig({ admin: { listen, token: token || 'none' } }, configFile('.'), {})
  return { host: admin.host, port: admin.port, ...(token && { token }) }
}
