/** Where the running proxy's admin port is: `--admin`, or the project's config. The token comes from there or the environment. */
import { InvalidArgumentError, Option } from 'commander'
import { parseConfig, SignalboxError, type ResolvedConfig } from '@signalbox/core/build'
import { configFile, loadAdmin } from '../project.ts'

type Admin = ResolvedConfig['admin']

export interface AdminOptions {
  dir: string
  admin?: Admin | undefined
}

/** For each command that talks to a running proxy. */
export function adminOption(): Option {
  const about = 'where the proxy runs; default: the admin address of the config'
  return new Option('--admin <host:port>', about).argParser(parseAdmin)
}

/** Throws `CONFIG`. A token of the config is not sent to an address that is not the config's. */
export async function adminAddress({ dir, admin }: AdminOptions): Promise<Admin> {
  return admin ?? loadAdmin(dir)
}

function parseAdmin(listen: string): Admin {
  const { SIGNALBOX_ADMIN_TOKEN: token } = process.env
  // One that cannot be sent is no fault of the address.
  parseConfig({}, configFile('.'), { SIGNALBOX_ADMIN_TOKEN: token })
  try {
    // Off loopback the schema wants a token; whether one is needed is for the proxy to say.
    const { admin } = parseConfig({ admin: { listen, token: 'none' } }, configFile('.'), {})
    return { host: admin.host, port: admin.port, ...(token && { token }) }
  } catch (error) {
    if (!(error instanceof SignalboxError)) throw error
    throw new InvalidArgumentError('Expected HOST:PORT, such as 127.0.0.1:8060.')
  }
}
