import { existsSync } from 'node:fs'
import { lstat, mkdir, readdir, readFile, readlink, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { runCli } from './cli-process.ts'
import { routes, tempProject } from './temp-project.ts'
import { tinyDisk } from './tiny-disk.ts'

const COMPILER = 30_000

async function manifestOf(dir: string) {
  const text = await readFile(path.join(dir, '.signalbox/bundle/manifest.json'), 'utf8')
  return JSON.parse(text) as { hash: string; inputs: string[] }
}

test('writes the bundle, its map and a manifest', { timeout: COMPILER }, async () => {
  const dir = await tempProject({ 'routes/main.ts': routes() })
  const { code, stdout } = await runCli(['build', dir])
  expect(code).toBe(0)
  const manifest = await manifestOf(dir)
  expect(stdout).toContain(`built ${manifest.hash}`)
  expect(manifest).toMatchObject({ version: 1, routes: 'routes/main.ts', createdBy: '@signalbox/cli 0.1.0' })
  expect(manifest.inputs).toContain('routes/main.ts')
  expect(await readFile(path.join(dir, '.signalbox/bundle/routes.cjs'), 'utf8')).toContain('No trunk')
  const map = JSON.parse(await readFile(path.join(dir, '.signalbox/bundle/routes.cjs.map'), 'utf8')) as object
  expect(map).toHaveProperty('sources')
})

test('nothing is evaluated, and --json prints the hash', async () => {
  const dir = await tempProject({ 'routes/main.ts': `throw new Error('evaluated')\n` })
  const { code, stdout } = await runCli(['build', dir, '--no-check', '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual({
    hash: (await manifestOf(dir)).hash,
    folder: path.join(dir, '.signalbox/bundles', (await manifestOf(dir)).hash),
  })
})

test('a type error refuses, unless --no-check', { timeout: COMPILER }, async () => {
  const dir = await tempProject({ 'routes/main.ts': `const port: number = 'x'\nexport { port }\n` })
  const refused = await runCli(['build', dir])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain("routes/main.ts:1:7: Type 'string' is not assignable to type 'number'")
  expect(existsSync(path.join(dir, '.signalbox/bundle'))).toBe(false)
  expect((await runCli(['build', dir, '--no-check'])).code).toBe(0)
})

test('a syntax error is a code frame', async () => {
  const dir = await tempProject({ 'routes/main.ts': `${routes()}onRequest(() => }\n` })
  const { code, stderr } = await runCli(['build', dir])
  expect(code).toBe(1)
  expect(stderr).toContain('routes/main.ts:4:17: Unexpected "}"\n  4 | onRequest(() => }\n    |                 ^\n')
})

async function built(dir: string, text?: string, env: Record<string, string> = {}): Promise<string> {
  if (text !== undefined) await writeFile(path.join(dir, 'routes/main.ts'), text)
  const { code, stdout, stderr } = await runCli(['build', dir, '--no-check', '--json'], env)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return (JSON.parse(stdout) as { folder: string }).folder
}

async function bytesOf(folder: string): Promise<string[]> {
  return Promise.all((await readdir(folder)).sort().map((name) => readFile(path.join(folder, name), 'utf8')))
}

test('each bundle has a folder of its own, .signalbox/bundle is a link to the newest', async () => {
  const dir = await tempProject({ 'routes/main.ts': routes('One') })
  const one = await built(dir)
  const before = await bytesOf(one)
  const two = await built(dir, routes('Two'))
  expect(await readlink(path.join(dir, '.signalbox/bundle'))).toBe(path.join('bundles', path.basename(two)))
  expect(await bytesOf(one)).toEqual(before)
  expect(await built(dir, routes('One'))).toBe(one)
  expect(await readlink(path.join(dir, '.signalbox/bundle'))).toBe(path.join('bundles', path.basename(one)))
  expect((await readdir(path.join(dir, '.signalbox/bundles'))).sort()).toEqual(
    [one, two].map((at) => path.basename(at)).sort(),
  )
})

test('a bundle that was damaged is written anew, and a folder in the place of the link steps aside', async () => {
  const dir = await tempProject({ 'routes/main.ts': routes(), '.signalbox/bundle/manifest.json': '{}' })
  const folder = await built(dir)
  expect((await lstat(path.join(dir, '.signalbox/bundle'))).isSymbolicLink()).toBe(true)
  const whole = await bytesOf(folder)
  await writeFile(path.join(folder, 'routes.cjs'), '')
  await built(dir)
  expect(await bytesOf(folder)).toEqual(whole)
})

test('where links cannot be made, .signalbox/bundle is a copy of the newest', async () => {
  const patch = `import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
fs.promises.symlink = () => Promise.reject(Object.assign(new Error('refused'), { code: 'EPERM' }))
syncBuiltinESMExports()
`
  const dir = await tempProject({ 'routes/main.ts': routes('One'), 'patch.mjs': patch })
  const env = { NODE_OPTIONS: `--import=${pathToFileURL(path.join(dir, 'patch.mjs')).href}` }
  const newest = path.join(dir, '.signalbox/bundle')
  for (const reason of ['One', 'Two']) {
    const folder = await built(dir, routes(reason), env)
    expect((await lstat(newest)).isDirectory()).toBe(true)
    expect(await bytesOf(newest)).toEqual(await bytesOf(folder))
  }
  expect(await readdir(path.join(dir, '.signalbox/bundles'))).toHaveLength(2)
  await built(dir)
  expect((await lstat(newest)).isSymbolicLink()).toBe(true)
})

test('builds at the same time leave whole bundles', async () => {
  const dir = await tempProject({ 'routes/main.ts': routes('One') })
  const folders = await Promise.all([built(dir), built(dir), built(dir)])
  expect(new Set(folders).size).toBe(1)
  expect(await bytesOf(path.join(dir, '.signalbox/bundle'))).toEqual(await bytesOf(folders[0]!))
  expect(await readdir(path.join(dir, '.signalbox/bundles'))).toEqual([path.basename(folders[0]!)])
})

test('ten bundles are kept, and what a killed build left goes with the old ones', async () => {
  const dir = await tempProject({ 'routes/main.ts': routes() })
  const bundles = path.join(dir, '.signalbox/bundles')
  for (const [age, name] of ['.left-over', ...'abcdefghijk'].entries()) {
    await mkdir(path.join(bundles, name), { recursive: true })
    await utimes(path.join(bundles, name), age, age)
  }
  const newest = path.basename(await built(dir))
  expect((await readdir(bundles)).sort()).toEqual([newest, ...'cdefghijk'].sort())
})

// Only root may mount a disk.
test.skipIf(process.getuid?.() !== 0)(
  'on a disk that is full nothing is half written, and there is room for the next',
  async () => {
    const dir = await tempProject({ 'routes/main.ts': routes('Small') })
    await tinyDisk(path.join(dir, '.signalbox'), '64k')
    const small = await built(dir)
    const before = await bytesOf(small)
    await writeFile(path.join(dir, 'routes/main.ts'), routes(`Large ${'x'.repeat(100_000)}`))
    const { code, stderr } = await runCli(['build', dir, '--no-check'])
    expect(code).toBe(1)
    expect(stderr).toContain('the bundle cannot be written: no space is left on the device (ENOSPC)')
    expect(await readdir(path.join(dir, '.signalbox/bundles'))).toEqual([path.basename(small)])
    expect(await bytesOf(path.join(dir, '.signalbox/bundle'))).toEqual(before)
    expect(await bytesOf(await built(dir, routes('Fits')))).not.toEqual(before)
  },
)

test('where nothing can be written that is said', async () => {
  const dir = await tempProject({ 'routes/main.ts': routes(), '.signalbox': 'a file' })
  const { code, stderr } = await runCli(['build', dir, '--no-check'])
  expect(code).toBe(1)
  expect(stderr).toContain('.signalbox/bundles: the bundle cannot be written:')
})
