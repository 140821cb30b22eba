/** What is in each tarball, and whether whoever installs it can import and type-check it. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { run } from './run.ts'

const root = path.resolve(import.meta.dirname, '../..')
const { folder, packages } = inject('installed')
const bin = (name: string) => path.join(root, 'node_modules', '.bin', name)

interface Manifest {
  name: string
  version: string
  private?: boolean
  license: string
  engines: { node: string }
  exports: Record<string, string | Record<string, string>>
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

const read = async (file: string) => JSON.parse(await readFile(file, 'utf8')) as Manifest
const manifest = (name: string) => read(path.join(folder, 'node_modules', name, 'package.json'))

test('every workspace is packed, and the root is not', async () => {
  const folders = (await readdir(path.join(root, 'packages'), { withFileTypes: true })).filter((one) =>
    one.isDirectory(),
  )
  const manifests = await Promise.all(
    folders.map(({ name }) => read(path.join(root, 'packages', name, 'package.json'))),
  )
  expect(packages.map(({ name }) => name).toSorted()).toEqual(manifests.map(({ name }) => name).toSorted())
  expect(await read(path.join(root, 'package.json'))).toMatchObject({ private: true })
})

test('nothing of the repository’s own is left where it was packed', async () => {
  const left = await readdir(path.join(root, 'packages/cli'))
  expect(left).not.toContain('templates')
  expect(left).not.toContain('docs')
})

test('the page that a finding names is in the package, and is what --explain prints', async () => {
  const page = 'docs/rules/no-action.md'
  const text = await readFile(path.join(folder, 'node_modules/@signalbox/cli', page), 'utf8')
  const bin = path.join(folder, 'node_modules/.bin/signalbox')
  const { code, stdout } = await run(bin, ['check', '--explain', 'no-action'], { cwd: folder })
  expect({ code, stdout }).toEqual({ code: 0, stdout: text })
})

describe.each(packages)('$name', ({ name, version, files, tarball }) => {
  const paths = files.map((file) => file.path)

  test('README, licence and what it says about itself', async () => {
    expect(paths).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']))
    const own = path.join(folder, 'node_modules', name)
    expect(await readFile(path.join(own, 'LICENSE'), 'utf8')).toBe(await readFile(path.join(root, 'LICENSE'), 'utf8'))
    expect(await readFile(path.join(own, 'README.md'), 'utf8')).toMatch(new RegExp(`^# ${name}\n`))
    const { engines, license, private: hidden } = await manifest(name)
    const { engines: ours } = await read(path.join(root, 'package.json'))
    expect({ engines, license, hidden }).toEqual({ engines: ours, license: 'MIT', hidden: undefined })
  })

  test('every dependency has one version, and those among each other are the same', async () => {
    const { dependencies = {}, optionalDependencies } = await manifest(name)
    const all = { ...dependencies, ...optionalDependencies }
    for (const wanted of Object.values(all)) expect(wanted).toMatch(/^\d+\.\d+\.\d+$/)
    const own = packages.filter((one) => one.name in all)
    expect(own.map((one) => all[one.name])).toEqual(own.map(() => version))
  })

  test('no tests, no sources, no leftovers of a build; source maps carry their sources', async () => {
    const wrong = /\.test(-d)?\.|tsbuildinfo|node_modules|\.signalbox\/|signalbox\.db|\.tgz$|^src\//
    const own = paths.filter((file) => !file.startsWith('templates/'))
    expect(own.filter((file) => wrong.test(file))).toEqual([])
    expect(own.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([])
    for (const file of own.filter((one) => one.endsWith('.map'))) {
      const map = JSON.parse(await readFile(path.join(folder, 'node_modules', name, file), 'utf8')) as {
        sources: string[]
        sourcesContent?: string[]
      }
      expect(map.sourcesContent, file).toHaveLength(map.sources.length)
    }
  })

  test('publint finds nothing', async () => {
    const { code, stdout, stderr } = await run(bin('publint'), ['--strict', tarball], { cwd: folder })
    expect(stdout + stderr).toContain('All good!')
    expect(code).toBe(0)
  })
})

const typed = packages.filter(({ files }) => files.some((file) => file.path.endsWith('.d.ts')))

test.each(typed)('$name: each entry has types that fit it, for Node and for bundlers', async ({ tarball }) => {
  const { code, stdout } = await run(bin('attw'), ['--profile', 'esm-only', tarball], { cwd: folder })
  expect(code, stdout).toBe(0)
})

test('a bin can be run', () => {
  const bins = packages.flatMap(({ files }) => files.filter((file) => file.path.startsWith('bin/')))
  expect(bins.map((file) => [file.path, (file.mode & 0o111) !== 0])).toEqual([
    ['bin/signalbox.js', true],
    ['bin/create-signalbox.js', true],
  ])
})

test('every entry can be imported, and its types are whole', { timeout: 60_000 }, async () => {
  const entries: string[] = []
  for (const { name } of packages)
    for (const entry of Object.keys((await manifest(name)).exports))
      if (!entry.endsWith('.json')) entries.push(path.posix.join(name, entry))
  expect(entries.length).toBeGreaterThan(6)
  const text = entries.map((entry, index) => `import * as entry${index} from '${entry}'\n`).join('')
  const used = entries.map((_, index) => `entry${index}`).join(', ')
  await writeFile(
    path.join(folder, 'entries.mts'),
    `${text}\nfor (const one of [${used}]) console.log(Object.keys(one).length > 0)\n`,
  )
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2023', '--types', 'node']
  const tsc = [path.join(root, 'node_modules/typescript/bin/tsc'), ...options, '--skipLibCheck', 'false', 'entries.mts']
  expect(await run(process.execPath, tsc, { cwd: folder })).toMatchObject({ code: 0, stdout: '' })
  const { stdout } = await run(process.execPath, ['entries.mjs'], { cwd: folder })
  expect(stdout).toBe('true\n'.repeat(entries.length))
})
