/**
 * Brings a fresh clone to the point where it runs: packages installed, sources built and, when asked, the Debian
 * packages of the peers that the tests call. Does only what is missing, says on stderr what it does, and shows a
 * command's output only when it failed.
 */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { installServices, missingServices } from './services.mjs'
import { main, Refusal, root, run } from './run.mjs'

const NODE_FLOOR = [20, 19]

export async function setup({ services }) {
  await install()
  await step('Building', process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-b'])
  if (services) await installServices(missingServices())
}

/** The npm packages alone. */
export async function install() {
  refuseOldNode(process.versions.node)
  if (!isInstalled())
    await step('Installing npm packages', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
}

function refuseOldNode(version) {
  const [major, minor] = version.split('.').map(Number)
  if (major > NODE_FLOOR[0] || (major === NODE_FLOOR[0] && minor >= NODE_FLOOR[1])) return
  throw new Refusal(
    `Signalbox needs Node ${NODE_FLOOR.join('.')} or later; this is ${version}. See https://nodejs.org/en/download`,
  )
}

/** Installed means: every package of package-lock.json is there in its version, and our own command is linked. */
function isInstalled() {
  const installed = lockedPackages(join(root, 'node_modules', '.package-lock.json'))
  if (!installed || !isExecutable(join(root, 'node_modules', '.bin', 'signalbox'))) return false
  const wanted = Object.entries(lockedPackages(join(root, 'package-lock.json')))
  return wanted.every(([path, { version, optional, link }]) => {
    if (!path.includes('node_modules/')) return true
    if (link) return existsSync(join(root, path))
    return installed[path] ? installed[path].version === version : optional
  })
}

function lockedPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'EACCES') return false
    throw error
  }
}

async function step(title, command, args) {
  console.error(`${title} …`)
  const { code, output } = await run(command, args)
  if (code !== 0) throw new Refusal(`${output}\n${title} failed: ${command} ${args.join(' ')}`)
}

if (process.argv[1] === import.meta.filename) {
  await main(() => setup({ services: process.argv.includes('--services') }))
}
