import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { runCli } from './cli-process.ts'
import { routes, tempProject } from './temp-project.ts'

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
    folder: path.join(dir, '.signalbox/bundle'),
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
