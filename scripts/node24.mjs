/**
 * A newer Node for the second leg of the tests, from npm, in a folder of its own: not a dependency of anything. Installed once; the version is
 * pinned, so that a failure is the same for everybody.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal, root, run } from './run.mjs'

export const NODE_24 = '24.21.0'

const folder = join(root, '.cache', 'node24')
const name = `node-${process.platform}-${process.arch}`

/** The path of its `node`. */
export async function node24() {
  if (installedVersion() !== NODE_24) await install()
  return join(folder, 'node_modules', name, 'bin', 'node')
}

function installedVersion() {
  const file = join(folder, 'node_modules', name, 'package.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined
}

async function install() {
  console.error(`Installing Node ${NODE_24} …`)
  mkdirSync(folder, { recursive: true })
  const flags = ['--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { code, output } = await run('npm', ['install', ...flags, `${name}@${NODE_24}`])
  if (code !== 0) throw new Refusal(`${output}\nNode ${NODE_24} could not be installed from npm as ${name}`)
}
