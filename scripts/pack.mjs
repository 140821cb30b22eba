/**
 * Packs what would be published: `node scripts/pack.mjs FOLDER` after a build. Prints each package with its size, and fails above its
 * budget: a dependency that was bundled, or a fixture that slipped in, shows here. `--json` prints what npm says.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { main, Refusal, root, run } from './run.mjs'

/** Bytes of the tarball. */
const budgets = {
  '@signalbox/dsl': 50_000,
  '@signalbox/core': 900_000,
  '@signalbox/cli': 210_000,
  'create-signalbox': 4_000,
}

async function pack(args) {
  const folder = args.find((arg) => !arg.startsWith('-'))
  if (folder === undefined) throw new Refusal('node scripts/pack.mjs FOLDER [--json]')
  removeStale()
  mkdirSync(folder, { recursive: true })
  const packed = await npmPack(resolve(folder))
  if (args.includes('--json')) console.log(JSON.stringify(packed))
  else for (const one of packed) console.log(line(one))
  const above = packed.filter(({ name, size }) => size > (budgets[name] ?? 0))
  for (const { name, size } of above)
    console.error(`${name}: ${size} bytes packed, of ${budgets[name] ?? 0} that it may have`)
  return above.length === 0 ? 0 : 1
}

async function npmPack(folder) {
  const args = ['pack', '--workspaces', '--json', '--loglevel=error', '--pack-destination', folder]
  const { code, output } = await run('npm', args)
  if (code !== 0) throw new Refusal(`${output}\nnpm ${args.join(' ')} failed`)
  return Object.values(JSON.parse(output.slice(output.search(/^[[{]/m))))
}

function line({ name, size, unpackedSize, files }) {
  return `${name.padEnd(18)} ${kB(size)} packed ${kB(unpackedSize)} unpacked ${String(files.length).padStart(4)} files`
}

function kB(bytes) {
  return `${(bytes / 1000).toFixed(1).padStart(7)} kB`
}

/** What a build left of sources that are gone: `tsc -b` does not remove it, and it would be published. */
function removeStale() {
  for (const { dist, src } of builtPackages())
    for (const file of readdirSync(dist, { recursive: true }))
      if (/\.(js|d\.ts|js\.map)$/.test(file) && !existsSync(join(src, file.replace(/\.(js|d\.ts|js\.map)$/, '.ts'))))
        rmSync(join(dist, file))
}

function builtPackages() {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return workspaces
    .map((folder) => ({ dist: join(root, folder, 'dist'), src: join(root, folder, 'src') }))
    .filter(({ src }) => existsSync(src))
}

await main(() => pack(process.argv.slice(2)))
