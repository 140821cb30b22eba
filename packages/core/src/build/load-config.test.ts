import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfigFile } from './load-config.ts'

let dir: string
let file: string

beforeEach(async () => {
  dir = await realpath(await mkdtemp(path.join(tmpdir(), 'signalbox-config-')))
  file = path.join(dir, 'signalbox.config.ts')
})
afterEach(() => rm(dir, { recursive: true }))

async function load(source: string): Promise<unknown> {
  await writeFile(file, source)
  return loadConfigFile(file)
}

test('the default export, with what it imports and computes', async () => {
  await writeFile(path.join(dir, 'hosts.ts'), 'export const host: string = "127.0.0.1"\n')
  const config = await load(`
    import path from 'node:path'
    import { defineConfig } from '@signalbox/dsl'
    import { host } from './hosts.ts'
    export default defineConfig({ listen: ['udp:' + host], routes: path.join('a', 'b.ts') })
  `)
  expect(config).toEqual({ listen: ['udp:127.0.0.1'], routes: 'a/b.ts' })
})

test('without a default export there is nothing', async () => {
  expect(await load('export const config = {}\n')).toBeUndefined()
})

test('a syntax error has its place', async () => {
  await expect(load('export default {\n  listen: [\n')).rejects.toMatchObject({
    code: 'BUILD',
    problems: [{ file, line: 3 }],
  })
})

test('a config that throws has the place of the throw', async () => {
  const source = `interface Unused {}\nconst port = () => {\n  throw new Error('no port')\n}\nexport default { port: port() }\n`
  await expect(load(source)).rejects.toMatchObject({
    code: 'CONFIG',
    problems: [{ text: 'Error: no port', file, line: 3, column: 9, lineText: `  throw new Error('no port')` }],
  })
})

test('a config that throws what has no words is one that throws', async () => {
  await expect(load('throw Object.create(null)\n')).rejects.toMatchObject({
    code: 'CONFIG',
    problems: [{ text: 'a value that cannot be shown', file }],
  })
})

test('a config is strict, as ES modules are', async () => {
  const source = `const limits = Object.freeze({ calls: 1 })\nObject.assign(limits, {})\n// @ts-ignore\nlimits.calls = 2\nexport default {}\n`
  await expect(load(source)).rejects.toMatchObject({
    code: 'CONFIG',
    problems: [{ text: expect.stringContaining('TypeError: Cannot assign to read only'), file, line: 4, column: 8 }],
  })
})

test('without the file a project has the defaults', async () => {
  await mkdir(path.join(dir, 'routes'))
  await writeFile(path.join(dir, 'routes/main.ts'), '')
  expect(await loadConfigFile(file)).toEqual({})
})

test('a folder that is no project, and one that does not exist', async () => {
  await expect(loadConfigFile(file)).rejects.toMatchObject({
    code: 'CONFIG',
    problems: [
      { text: expect.stringContaining('is not a Signalbox project'), hint: expect.stringContaining('signalbox new') },
    ],
  })
  await expect(loadConfigFile(path.join(dir, 'nowhere/signalbox.config.ts'))).rejects.toThrow('there is no folder')
})

test('import.meta, which says nothing in bundled code, is refused at its place', async () => {
  await expect(load('export default { routes: import.meta.dirname + "/a.ts" }\n')).rejects.toMatchObject({
    code: 'BUILD',
    problems: [{ file, line: 1, column: 26 }],
  })
})
