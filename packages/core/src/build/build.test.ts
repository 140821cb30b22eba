import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SignalboxError } from '../errors.ts'
import { buildBundle } from './build.ts'

let root: string

beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'signalbox-build-')))
})
afterEach(() => rm(root, { recursive: true }))

async function write(name: string, text: string): Promise<string> {
  const file = path.join(root, name)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, text)
  return file
}

async function build(source: string) {
  return buildBundle({ routes: await write('routes/main.ts', source), root })
}

async function failure(source: string): Promise<SignalboxError> {
  const error: unknown = await build(source).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ name: 'SignalboxError', code: 'BUILD' })
  return error as SignalboxError
}

interface Evaluated {
  table: { version: number; entries: { kind: string; name: string }[] }
}

function evaluate(code: string): Evaluated {
  const module = { exports: {} as Evaluated }
  // oxlint-disable-next-line no-implied-eval, no-new-func -- what a bundle is for
  new Function('module', 'exports', 'require', code)(module, module.exports, () => ({}))
  return module.exports
}

const route = `import { onFailure, onRequest } from '@signalbox/dsl'
onRequest(({ relay }) => relay())
onFailure('BUSY', () => {})
`

test('a bundle leaves the table that its routes filled', async () => {
  const { code } = await build(route)
  expect(evaluate(code).table).toMatchObject({
    version: 1,
    entries: [
      { kind: 'request', name: '' },
      { kind: 'failure', name: 'BUSY' },
    ],
  })
})

test('the hash is that of code and map: the same sources, the same hash', async () => {
  const first = await build(route)
  const again = await build(route)
  const changed = await build(route.replace('BUSY', 'DOWN'))
  const moved = await build(`// a line more\n${route}`)
  expect(first.hash).toMatch(/^[0-9a-f]{12}$/)
  expect(again.hash).toBe(first.hash)
  expect(changed.hash).not.toBe(first.hash)
  expect(moved.code).toBe(first.code)
  expect(moved.hash).not.toBe(first.hash)
})

test('the same sources are the same bytes in whatever folder, and no byte says in which', async () => {
  const first = await build(route)
  const elsewhere = path.join(root, 'some/where/else')
  const routes = await write('some/where/else/routes/main.ts', route)
  const { hash, code, map } = await buildBundle({ routes, root: elsewhere })
  expect({ hash, code, map }).toEqual({ hash: first.hash, code: first.code, map: first.map })
  expect(code + map).not.toContain(path.dirname(root))
  expect(code).toContain('// @signalbox/dsl/dist/table.js')
})

test('inputs are absolute, the sources of the map relative to the root', async () => {
  await write('routes/trunk.ts', 'export const trunk: string = "sip:gw.example"\n')
  const bundle = await build(`import { trunk } from './trunk.ts'\n${route}console.log(trunk)\n`)
  const files = [path.join(root, 'routes/main.ts'), path.join(root, 'routes/trunk.ts')]
  expect(bundle.inputs).toEqual(expect.arrayContaining(files))
  expect(bundle.inputs.every((input) => path.isAbsolute(input))).toBe(true)
  const map = JSON.parse(bundle.map) as { sources: string[]; sourcesContent: string[] }
  expect(map.sources).toEqual(expect.arrayContaining(['routes/main.ts', 'routes/trunk.ts']))
  expect(map.sourcesContent[map.sources.indexOf('routes/main.ts')]).toContain('onRequest')
})

test('a dsl installed in the project is the one that goes in, the table with it', async () => {
  const installed = path.join(root, 'node_modules/@signalbox/dsl')
  const manifest = { name: '@signalbox/dsl', type: 'module', exports: { '.': './i.js', './table': './t.js' } }
  await write('node_modules/@signalbox/dsl/package.json', JSON.stringify(manifest))
  await write('node_modules/@signalbox/dsl/t.js', 'export const table = { version: 1, entries: [] }\n')
  const index =
    'import { table } from "./t.js"\nexport const onRequest = () => table.entries.push({ kind: "installed" })\n'
  await write('node_modules/@signalbox/dsl/i.js', index)
  const { code, inputs } = await build(`import { onRequest } from '@signalbox/dsl'\nonRequest(() => {})\n`)
  expect(evaluate(code).table.entries).toEqual([{ kind: 'installed' }])
  expect(inputs).toContain(path.join(installed, 't.js'))
})

test('an npm package of the project goes into the bundle, even one that registers routes itself', async () => {
  await write('packages/busy/package.json', JSON.stringify({ name: 'busy', type: 'module', main: 'index.js' }))
  await write('packages/busy/index.js', `import { onFailure } from '@signalbox/dsl'\nonFailure('LIB', () => {})\n`)
  await mkdir(path.join(root, 'node_modules'))
  await symlink(path.join(root, 'packages/busy'), path.join(root, 'node_modules/busy'))
  const { code } = await build(`import 'busy'\n${route}`)
  expect(evaluate(code).table.entries.map(({ name }) => name)).toEqual(['LIB', '', 'BUSY'])
})

describe('what does not build says where, what and how to mend it', () => {
  test('a syntax error, in columns that count characters', async () => {
    const { problems } = await failure(`const grüße = 'é'; const = 1\n`)
    expect(problems).toEqual([
      {
        text: 'Expected identifier but found "="',
        file: path.join(root, 'routes/main.ts'),
        line: 1,
        column: 26,
        lineText: `const grüße = 'é'; const = 1`,
        length: 1,
      },
    ])
  })

  test('a package that is not installed', async () => {
    const { problems } = await failure(`import { x } from '@acme/rates/eu'\nx()\n`)
    expect(problems).toMatchObject([
      { text: 'Could not resolve "@acme/rates/eu"', line: 1, column: 19, hint: 'npm install @acme/rates' },
    ])
  })

  test('a file that is not there', async () => {
    const { problems } = await failure(`import './trunks.ts'\n`)
    expect(problems[0]!.hint).toBe('there is no such file; correct the path "./trunks.ts"')
  })

  test('await at the top level', async () => {
    const { problems } = await failure(`await Promise.resolve()\n`)
    expect(problems[0]).toMatchObject({ line: 1, hint: 'top-level code only registers routes; await inside a route' })
  })

  test('import.meta, which no bundle has', async () => {
    const { problems } = await failure(
      `${route}\nconst here = import.meta.url\nconsole.log(here, import.meta.dirname)\n`,
    )
    const text = 'import.meta says nothing in a bundle'
    const hint = expect.stringMatching(/^a bundle runs in other folders .*absolute path$/) as string
    expect(problems).toMatchObject([
      { text, line: route.split('\n').length + 1, column: 14, length: 11, hint },
      { text, line: route.split('\n').length + 2, column: 19, length: 11, hint },
    ])
  })

  test('a route file that does not exist', async () => {
    const routes = path.join(root, 'routes/main.ts')
    await expect(buildBundle({ routes, root })).rejects.toMatchObject({
      code: 'BUILD',
      problems: [
        { text: 'the route file cannot be read (ENOENT)', file: routes, hint: expect.stringContaining('"routes"') },
      ],
    })
  })
})

test('what esbuild doubts is handed on with its place; of somebody else’s package it is not', async () => {
  const twice = 'switch (Number(process.pid)) {\n  case 1: break\n  case 1: break\n}\n'
  await write('node_modules/busy/package.json', JSON.stringify({ name: 'busy', main: 'index.js' }))
  await write('node_modules/busy/index.js', twice)
  const { warnings } = await build(`import 'busy'\n${twice}${route}`)
  expect(warnings).toMatchObject([
    {
      text: 'This case clause will never be evaluated because it duplicates an earlier case clause',
      file: path.join(root, 'routes/main.ts'),
      line: 4,
      column: 3,
    },
  ])
})
