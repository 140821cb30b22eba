/** The proxies that are compared: how each is started with the same routing, on core 0, and how it says that it is ready. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isUdpOpen, ready, start } from './process.mjs'

const here = import.meta.dirname
const PROXY_CORE = 0

export const proxies = { kamailio: startKamailio, signalbox: startSignalbox }

/** Tuned as in production: the fast allocator, one child, a socket buffer that holds a burst. */
function startKamailio({ port, target, folder, kind }) {
  const memory = ['-x', 'tlsf', '-X', 'tlsf', '-m', '512', '-M', '32', '-b', '4194304']
  const files = ['-Y', folder, '-P', join(folder, 'pid'), '-f', join(here, 'kamailio', 'native.cfg')]
  const defines = ['-A', `SIPPORT=${port}`, '-A', 'CHILDREN=1', '-A', `UASURI="sip:127.0.0.1:${target}"`]
  if (kind === 'anonymous') defines.push('-A', 'ANONYMOUS')
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
  const command = ['kamailio', '-DD', '-E', ...memory, ...files, ...defines]
  return ready(start('kamailio', command, { core: PROXY_CORE, folder, env }), () => isUdpOpen(port))
}

function startSignalbox({ port, adminPort, target, folder, kind }) {
  writeProject(folder, target, kind)
  const command = [process.execPath, join(here, '..', 'packages', 'cli', 'bin', 'signalbox.js'), 'start', folder]
  const listen = { SIGNALBOX_LISTEN: `udp:127.0.0.1:${port}`, SIGNALBOX_ADMIN: `127.0.0.1:${adminPort}` }
  const env = { ...process.env, NODE_ENV: 'production', ...listen }
  return ready(start('signalbox', command, { core: PROXY_CORE, folder, env }), () => isReady(adminPort))
}

function writeProject(folder, target, kind) {
  const routes = readFileSync(join(here, 'routes', kind === 'anonymous' ? 'anonymous.ts' : 'main.ts'), 'utf8')
  mkdirSync(join(folder, 'routes'))
  writeFileSync(join(folder, 'routes', 'main.ts'), routes.replaceAll('127.0.0.1:5090', `127.0.0.1:${target}`))
  writeFileSync(
    join(folder, 'signalbox.config.ts'),
    `import { defineConfig } from '@signalbox/dsl'\nexport default defineConfig({})\n`,
  )
}

async function isReady(adminPort) {
  try {
    return (await fetch(`http://127.0.0.1:${adminPort}/health/ready`)).ok
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}
