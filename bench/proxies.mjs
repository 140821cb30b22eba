/** The proxies that are compared: how each is started with the same routing, on core 0, and how it says that it is ready. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kinds } from './kinds.mjs'
import { isUdpOpen, PROXY_CORE, ready, start } from './process.mjs'

const here = import.meta.dirname

/** The fast allocator, as who needs speed sets it. Debian's default is the one that looks for mistakes. */
const tuned = ['-x', 'tlsf', '-X', 'tlsf']

/** `except`: the kinds of traffic for which a proxy has no routing here. `most`: calls per second that it keeps up with. */
export const proxies = {
  signalbox: { title: 'Signalbox', start: (run) => startSignalbox({ ...run, routes: routesOf(run) }) },
  kamailio: { title: 'Kamailio, tuned', start: (run) => startKamailio(run, 'native', tuned) },
  'kamailio-js': {
    title: 'Kamailio, JavaScript (jsdt), tuned',
    start: (run) => startKamailio(run, 'jsdt', tuned),
    except: ['anonymous', 'register'],
  },
  'kamailio-debian': {
    title: 'Kamailio, as Debian ships it',
    start: (run) => startKamailio(run, 'native', []),
    most: 1500,
  },
}

/** One child, memory for all transactions of the highest rate, and a socket buffer that holds a burst. */
function startKamailio({ port, target, folder, kind }, cfg, allocator) {
  for (const file of ['common.cfg', `${cfg}.cfg`, 'routes.js'])
    copyFileSync(join(here, 'kamailio', file), join(folder, file))
  const memory = [...allocator, '-m', '4096', '-M', '32', '-b', '4194304']
  const files = ['-w', folder, '-Y', folder, '-P', join(folder, 'pid'), '-f', join(folder, `${cfg}.cfg`)]
  const defines = ['-A', `SIPPORT=${port}`, '-A', 'CHILDREN=1', '-A', `UASURI="sip:127.0.0.1:${target}"`]
  const { define } = kinds.get(kind)
  if (define !== undefined) defines.push('-A', define)
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
  const command = ['kamailio', '-DD', '-E', ...memory, ...files, ...defines]
  return ready(start('kamailio', command, { core: PROXY_CORE, folder, env }), () => isUdpOpen(port))
}

function routesOf({ kind, target }) {
  return routeFile(kinds.get(kind).routes, [target])
}

/** A file of `routes/`, with the callees where they listen this time. */
export function routeFile(name, callees) {
  const text = readFileSync(join(here, 'routes', `${name}.ts`), 'utf8')
  return callees.reduce((routes, port, i) => routes.replaceAll(`127.0.0.1:${5090 + i}`, `127.0.0.1:${port}`), text)
}

/** `routes`: the program. `limits`: of the config. `flags`: Node's. */
export function startSignalbox({ port, adminPort, folder, routes, limits = {}, flags = [] }) {
  writeProject(folder, routes, { database: 'sqlite::memory:', limits })
  const bin = join(here, '..', 'packages', 'cli', 'bin', 'signalbox.js')
  const command = [process.execPath, ...flags, bin, 'start', folder]
  const listen = { SIGNALBOX_LISTEN: `udp:127.0.0.1:${port}`, SIGNALBOX_ADMIN: `127.0.0.1:${adminPort}` }
  const env = { ...process.env, NODE_ENV: 'production', ...listen }
  return ready(start('signalbox', command, { core: PROXY_CORE, folder, env }), () => isReady(adminPort))
}

/** Phones are kept in memory alone, as in Kamailio's file here. */
function writeProject(folder, routes, config) {
  mkdirSync(join(folder, 'routes'))
  writeFileSync(join(folder, 'routes', 'main.ts'), routes)
  writeFileSync(
    join(folder, 'signalbox.config.ts'),
    `import { defineConfig } from '@signalbox/dsl'\nexport default defineConfig(${JSON.stringify(config)})\n`,
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
