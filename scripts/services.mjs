/**
 * The Debian packages that the interop tests and the benchmark talk to, and how to install them. Only their programs
 * are wanted: Debian would start Kamailio and MariaDB as services, and that is prevented.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Refusal, run } from './run.mjs'

/** Debian package → the program, or the file, that it brings. */
const SERVICES = {
  'sip-tester': 'sipp',
  kamailio: 'kamailio',
  'kamailio-mysql-modules': '/usr/share/kamailio/mysql/uac-create.sql',
  'baresip-core': 'baresip',
  iproute2: 'ip',
  'mariadb-server': 'mariadbd',
}

/** Those that Debian would run from the next boot on. */
const DAEMONS = { kamailio: 'kamailio', 'mariadb-server': 'mariadb' }

const POLICY = '/usr/sbin/policy-rc.d'

export function missingServices() {
  return Object.keys(SERVICES).filter((name) => !hasProgram(SERVICES[name]))
}

export async function installServices(names) {
  if (names.length === 0) return
  if (!canInstall())
    throw new Refusal(`The tests need ${names.join(' and ')}. On Debian or Ubuntu, type:\n\n  ${byHand(names)}\n`)
  console.error(`Installing Debian packages: ${names.join(', ')} …`)
  await withoutStartingServices(async () => {
    await aptGet(['update'])
    await aptGet(['install', '-y', '--no-install-recommends', ...names])
  })
  for (const name of names) if (DAEMONS[name]) await disableService(DAEMONS[name])
}

/** Debian's daemons live in sbin, which a user's PATH may lack. */
function hasProgram(program) {
  if (program.startsWith('/')) return existsSync(program)
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/local/sbin']
  return folders.some((folder) => folder && existsSync(join(folder, program)))
}

function canInstall() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version')
}

function byHand(names) {
  return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names.join(' ')}`
}

/**
 * invoke-rc.d asks policy-rc.d before it starts a service; 101 is "no". Ctrl-C ends apt-get, which shares our terminal,
 * and not this process, which has a file to remove first.
 */
async function withoutStartingServices(body) {
  const ours = !existsSync(POLICY)
  const stayAlive = () => {}
  process.on('SIGINT', stayAlive)
  if (ours) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await body()
  } finally {
    if (ours) rmSync(POLICY)
    process.off('SIGINT', stayAlive)
  }
}

/** Nor at the next boot. */
async function disableService(name) {
  if (existsSync('/run/systemd/system')) await run('systemctl', ['disable', '--now', name])
}

async function aptGet(args) {
  const { code, output } = await run('apt-get', args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  if (code !== 0) throw new Refusal(`${output}\napt-get ${args.join(' ')} failed`)
}
