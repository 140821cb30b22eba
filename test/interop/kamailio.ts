/**
 * Kamailio as the other side: one child, so that it keeps the order of messages, and the allocator that its own users
 * tune it with. Nothing of Debian's service: a config, a port and a folder of the test's.
 */
import { join } from 'node:path'
import { Child } from './child.ts'
import { isUdpOpen } from './ports.ts'

export interface KamailioOptions {
  /** Path of the config. */
  config: string
  port: number
  /** The port on 127.0.0.1 that it relays to. */
  target: number
  /** An empty folder of its own. */
  folder: string
  /** Further `-A` defines. */
  defines?: readonly string[]
}

const memory = ['-x', 'tlsf', '-X', 'tlsf', '-m', '512', '-M', '32', '-b', '4194304']

export function startKamailio({ config, port, target, folder, defines: more = [] }: KamailioOptions): Promise<Child> {
  const files = ['-Y', folder, '-P', join(folder, 'pid'), '-w', folder, '-f', config]
  const defines = ['-A', `SIPPORT=${port}`, '-A', 'CHILDREN=1', '-A', `UASURI="sip:127.0.0.1:${target}"`]
  defines.push(...more.flatMap((each) => ['-A', each]))
  const command = ['kamailio', '-DD', '-E', ...memory, ...files, ...defines]
  const kamailio = new Child('kamailio', command, { cwd: folder, env: { ...process.env, PATH: searchPath() } })
  return kamailio.ready(() => isUdpOpen(port))
}

/** Debian's daemons live in sbin, which a user's PATH may lack. */
function searchPath(): string {
  return `${process.env.PATH ?? ''}:/usr/sbin`
}
