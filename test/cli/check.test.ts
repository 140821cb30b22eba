import path from 'node:path'
import { expect, test } from 'vitest'
import { runCli } from './cli-process.ts'
import { routes, tempFolder, tempProject } from './temp-project.ts'

const COMPILER = 30_000

const wrong = `import { onRequest } from '@signalbox/dsl'

onRequest(({ relay, res }) => {
  relay({ too: 'sip:127.0.0.1' })
})
`

test(
  'config and routes alone are checked strictly, with our own copies of what they import',
  { timeout: COMPILER },
  async () => {
    const dir = await tempProject({
      'signalbox.config.ts': `import { defineConfig } from '@signalbox/dsl'\nexport default defineConfig({ routes: process.env.R ?? 'routes/main.ts' })\n`,
      'routes/main.ts': routes(),
      'test/main.test.ts': `import { expect, test } from 'vitest'\ntest('x', () => expect(Buffer.from('a')).toBeDefined())\n`,
    })
    expect(await runCli(['check', dir])).toEqual({ code: 0, stdout: 'ok no type errors\n', stderr: '' })
  },
)

test('each type error has its place and a code frame', { timeout: COMPILER }, async () => {
  const dir = await tempProject({ 'routes/main.ts': wrong })
  const { code, stdout, stderr } = await runCli(['check', dir])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain("routes/main.ts:3:21: Property 'res' does not exist on type 'RequestContext'")
  expect(stderr).toContain("  4 |   relay({ too: 'sip:127.0.0.1' })\n    |           ^^^\n")
  expect(stderr).toContain('2 type errors')
})

test('--json', { timeout: COMPILER }, async () => {
  const dir = await tempProject({ 'routes/main.ts': wrong })
  const { code, stdout } = await runCli(['check', dir, '--json'])
  const file = path.join(dir, 'routes/main.ts')
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    findings: [
      { code: 'TS2339', file, line: 3, column: 21 },
      { code: 'TS2353', file, line: 4, column: 11 },
    ],
  })
})

test('the project’s own tsconfig.json decides, and what it includes is checked', { timeout: COMPILER }, async () => {
  const dir = await tempProject({
    'tsconfig.json': JSON.stringify({
      compilerOptions: { strict: false, module: 'NodeNext', target: 'ES2022', noEmit: true, types: ['node'] },
      include: ['lib', 'routes'],
    }),
    'routes/main.ts': `${routes()}\nexport function loose(untyped) { return untyped }\n`,
    'lib/shared.ts': `export const port: number = '5060'\n`,
  })
  const { code, stderr } = await runCli(['check', dir])
  expect(code).toBe(1)
  expect(stderr).toContain("lib/shared.ts:1:14: Type 'string' is not assignable to type 'number'")
  expect(stderr).toContain('1 type error')
})

test('variables that it has no use for may be wrong', { timeout: COMPILER }, async () => {
  const dir = await tempProject({ 'signalbox.config.ts': 'export default {}\n', 'routes/main.ts': routes() })
  const env = { SIGNALBOX_LISTEN: 'garbage', SIGNALBOX_ADMIN: '0.0.0.0:9999', SIGNALBOX_DATABASE: 'garbage' }
  expect(await runCli(['check', dir], env)).toMatchObject({ code: 0, stderr: '' })
  expect(await runCli(['build', dir, '--no-check'], env)).toMatchObject({ code: 0, stderr: '' })
  const unreached = await runCli(['generations', dir], { SIGNALBOX_LISTEN: 'garbage', SIGNALBOX_ADMIN: '127.0.0.1:1' })
  expect(unreached.stderr).toContain('no proxy answers at http://127.0.0.1:1/rpc')
})

test('a project without a route file', async () => {
  const dir = await tempProject({ 'signalbox.config.ts': 'export default {}\n' })
  const { code, stderr } = await runCli(['check', dir])
  expect(code).toBe(1)
  expect(stderr).toContain(`${path.join(dir, 'routes/main.ts')}: the route file cannot be read (ENOENT)`)
  expect(stderr).toContain('set "routes" in signalbox.config.ts')
})

test('a folder that is no project', async () => {
  const { code, stderr } = await runCli(['check', await tempFolder()])
  expect(code).toBe(1)
  expect(stderr).toContain('is not a Signalbox project')
})
