import { readFile, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { runCli } from './cli-process.ts'
import { routes, tempFolder, tempProject } from './temp-project.ts'

const COMPILER = 30_000
const COMPILED = { timeout: 2 * COMPILER }

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
    expect(await runCli(['check', dir])).toEqual({ code: 0, stdout: 'ok nothing found\n', stderr: '' })
  },
)

test('each type error has its place and a code frame', { timeout: COMPILER }, async () => {
  const dir = await tempProject({ 'routes/main.ts': wrong })
  const { code, stdout, stderr } = await runCli(['check', dir])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain("routes/main.ts:3:21: Property 'res' does not exist on type 'RequestContext'")
  expect(stderr).toContain("  4 |   relay({ too: 'sip:127.0.0.1' })\n    |           ^^^\n")
  expect(stderr).toContain('2 errors')
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
  expect(stderr).toContain('1 error')
})

test.each([
  ['that is no JSON', { 'tsconfig.json': '{\n  not json' }, /tsconfig\.json:2:\d+: .*expected.*\n  2 \|   not json\n/],
  [
    'that extends one with a mistake',
    { 'tsconfig.json': '{ "extends": "./base.json" }', 'base.json': '{ "compilerOptions": { "strict": "no" } }' },
    /base\.json:1:34: .*requires a value of type boolean\.\n.*\n.*\n\n1 error\n$/,
  ],
])('a tsconfig.json %s: told once, with its place', { timeout: COMPILER }, async (_what, files, told) => {
  const dir = await tempProject({ ...files, 'routes/main.ts': routes() })
  const { code, stderr } = await runCli(['check', dir])
  expect([code, stderr]).toEqual([1, expect.stringMatching(told)])
})

test('routes in JavaScript: their names are known, and what they do with a context is theirs', COMPILED, async () => {
  const dir = await tempProject({
    'routes/main.ts': `import { onRequest } from '@signalbox/dsl'\nimport { go } from './go.js'\nonRequest((call) => go(call))\n`,
    'routes/go.js': `import { onFailure } from '@signalbox/dsl'
export function go({ relay }) {
  relay({ onFailure: 'NEXT' })
}
onFailure('NEXT', ({ relay }) => relay())
`,
  })
  const main = path.join(dir, 'routes/main.ts')
  expect(await runCli(['check', dir])).toMatchObject({ code: 0 })
  await writeFile(main, `${await readFile(main, 'utf8')}onRequest(({ relay }) => relay({ onFailure: 'NXT' }))\n`)
  expect((await runCli(['check', dir])).stderr).toContain("main.ts:4:45: no onFailure is named 'NXT'")
  await writeFile(path.join(dir, 'tsconfig.json'), '{ "compilerOptions": { "strict": true, "allowJs": false } }')
  expect((await runCli(['check', dir])).stderr).toContain("Could not find a declaration file for module './go.js'")
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

const misspelled = `import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1', onFailure: 'TRUNKAUHT' }))

onFailure('TRUNKAUTH', ({ uac, relay }) => {
  if (uac.auth({ username: 'u', password: 'p' })) relay()
})
`

test('a misspelled route does not compile, and the nearest is named', { timeout: COMPILER }, async () => {
  const dir = await tempProject({ 'routes/main.ts': misspelled })
  const { code, stderr } = await runCli(['check', dir])
  expect(code).toBe(1)
  expect(stderr).toContain(`error[unknown-route] ${dir}/routes/main.ts:3:66: no onFailure is named 'TRUNKAUHT'\n`)
  expect(stderr).toContain("  did you mean 'TRUNKAUTH'?\n")
  expect(stderr).toMatch(/warning\[secret\] .*main\.ts:6:43: /)
  expect(stderr).toContain('1 error, 1 warning')
})

test('warnings do not fail, and a waiver with a reason takes them away', { timeout: COMPILER }, async () => {
  const main = misspelled.replace('TRUNKAUHT', 'TRUNKAUTH')
  const dir = await tempProject({ 'routes/main.ts': main })
  const { code, stdout, stderr } = await runCli(['build', dir])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^built /)
  expect(stderr).toMatch(/warning\[secret\]/)
  await writeFile(
    path.join(dir, 'routes/main.ts'),
    main.replace('  if (uac', '  // signalbox-allow secret: the account of a test\n  if (uac'),
  )
  expect(await runCli(['check', dir])).toEqual({ code: 0, stdout: 'ok nothing found\n', stderr: '' })
})

test('the names go into a file that is written only when they change', { timeout: COMPILER }, async () => {
  const dir = await tempProject({ 'routes/main.ts': misspelled })
  const file = path.join(dir, '.signalbox/register.d.ts')
  await runCli(['check', dir])
  expect(await readFile(file, 'utf8')).toContain('failure: "TRUNKAUTH"\n    branchFailure: never\n')
  const { mtimeMs, ino } = await stat(file)
  await writeFile(path.join(dir, 'routes/main.ts'), misspelled.replace('AUHT', 'AUTH'))
  await runCli(['check', dir])
  expect(await stat(file)).toMatchObject({ mtimeMs, ino })
})

test('where that file cannot be written, names are checked all the same', { timeout: COMPILER }, async () => {
  const dir = await tempProject({ 'routes/main.ts': misspelled })
  // Root may write into any folder but this one.
  await symlink('/sys', path.join(dir, '.signalbox'))
  expect((await runCli(['check', dir])).stderr).toContain("did you mean 'TRUNKAUTH'?")
})

test(
  'a tsconfig.json that leaves the names out, and a project that declares them itself',
  { timeout: COMPILER },
  async () => {
    const tsconfig = {
      compilerOptions: { strict: true, module: 'ESNext', moduleResolution: 'Bundler' },
      include: ['routes'],
    }
    const dir = await tempProject({ 'tsconfig.json': JSON.stringify(tsconfig), 'routes/main.ts': misspelled })
    expect((await runCli(['check', dir])).stderr).toContain("did you mean 'TRUNKAUTH'?")
    const own = `declare module '@signalbox/dsl' { interface Register { failure: 'TRUNKAUTH' } }\n`
    await writeFile(path.join(dir, 'routes/main.ts'), misspelled.replace('AUHT', 'AUTH').replace('\n\n', `\n${own}`))
    expect(await runCli(['check', dir])).toMatchObject({ code: 0, stdout: 'ok 1 warning\n' })
  },
)

test('--json says how bad each finding is, which rule found it and what to do', { timeout: COMPILER }, async () => {
  const dir = await tempProject({ 'routes/main.ts': misspelled })
  const { code, stdout } = await runCli(['check', dir, '--json'])
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    findings: [
      {
        id: 'unknown-route',
        code: 'TS2820',
        severity: 'error',
        line: 3,
        hint: "did you mean 'TRUNKAUTH'?",
        page: 'docs/rules/unknown-route.md',
      },
      { id: 'secret', code: 'secret', severity: 'warning', line: 6, page: 'docs/rules/secret.md' },
    ],
  })
})

test('--sarif is what code hosts read', { timeout: COMPILER }, async () => {
  const dir = await tempProject({ 'routes/main.ts': misspelled })
  const { code, stdout } = await runCli(['check', dir, '--sarif'])
  expect(code).toBe(1)
  const log = JSON.parse(stdout) as Sarif
  expect(log).toMatchObject({ version: '2.1.0', $schema: 'https://json.schemastore.org/sarif-2.1.0.json' })
  const { tool, results } = log.runs[0]!
  expect(results.map(({ ruleId, level }) => `${level} ${ruleId}`)).toEqual(['error unknown-route', 'warning secret'])
  for (const { ruleId, message, locations } of results) {
    expect(tool.driver.rules.map(({ id }) => id)).toContain(ruleId)
    expect(message.text).not.toBe('')
    const { artifactLocation, region } = locations[0]!.physicalLocation
    expect(artifactLocation.uri).toMatch(/routes\/main\.ts$/)
    expect(region.startLine).toBeGreaterThan(0)
    expect(region.startColumn).toBeGreaterThan(0)
    expect(region.endColumn).toBeGreaterThan(region.startColumn)
  }
  for (const { id, help } of tool.driver.rules) expect(help.text).toMatch(new RegExp(`^# ${id}\n[^]*## Wrong`))
})

test('--explain prints the page of a rule', async () => {
  const { code, stdout } = await runCli(['check', '--explain', 'no-action'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^# no-action\n[^]*## Wrong[^]*## Right/)
  const unknown = await runCli(['check', '--explain', 'no-acton'])
  expect(unknown.code).toBe(1)
  expect(unknown.stderr).toContain('did you mean "no-action"?')
})

/** What SARIF 2.1.0 §3.13, §3.14, §3.27 and §3.30 ask for. */
interface Sarif {
  version: string
  runs: {
    tool: { driver: { name: string; rules: { id: string; help: { text: string } }[] } }
    results: {
      ruleId: string
      level: string
      message: { text: string }
      locations: {
        physicalLocation: {
          artifactLocation: { uri: string }
          region: { startLine: number; startColumn: number; endColumn: number }
        }
      }[]
    }[]
  }[]
}

test('what a route file imports is part of it', { timeout: COMPILER }, async () => {
  const dir = await tempProject({
    'routes/main.ts': `import './failures.ts'\nimport { deliver } from '../lib/deliver.ts'\nimport { onRequest } from '@signalbox/dsl'\nonRequest(deliver)\n`,
    'routes/failures.ts': `import { onFailure as failed } from '@signalbox/dsl'\nfailed('BUSY', ({ reply }) => reply(486))\n`,
    'lib/deliver.ts': `import type { RequestContext } from '@signalbox/dsl'
export function deliver({ req, relay }: RequestContext) {
  if (req.method === 'INVITE') relay({ onFailure: 'BUSY' })
}\n`,
  })
  const { stderr } = await runCli(['check', dir])
  expect(stderr).toContain(`error[no-action] ${dir}/lib/deliver.ts:3:7: where this is not so`)
  expect(stderr).toContain('1 error')
})

test(
  'what only the bundler finds: an error as a build has it, a doubt as a warning',
  { timeout: COMPILER },
  async () => {
    const dir = await tempProject({ 'routes/main.ts': `${routes()}\nconsole.log(import.meta.url)\nawait 1\n` })
    const wrong = await runCli(['check', dir])
    expect(wrong).toMatchObject({ code: 1, stdout: '' })
    expect(wrong.stderr).toMatch(
      /error \S*routes\/main.ts:6:1: Top-level await .*\n.*\n.*\n {2}top-level code only registers/,
    )
    await writeFile(path.join(dir, 'routes/main.ts'), `${routes()}\nconsole.log(import.meta.url)\n`)
    const placeless = await runCli(['check', dir])
    expect(placeless).toMatchObject({ code: 1, stdout: '' })
    expect(placeless.stderr).toMatch(/error \S*routes\/main.ts:5:13: import.meta says nothing in a bundle/)
    const twice = `switch (process.argv[2]) {\n  case 'a': break\n  case 'a': break\n}\n`
    await writeFile(path.join(dir, 'routes/main.ts'), `${twice}${routes()}`)
    const doubted = await runCli(['check', dir])
    expect(doubted).toMatchObject({ code: 0, stdout: 'ok 1 warning\n' })
    expect(doubted.stderr).toMatch(/^warning \S*routes\/main.ts:3:8: This case clause will never be evaluated/)
  },
)

test('of the config what a start would refuse', { timeout: COMPILER }, async () => {
  const wrong = `import { defineConfig } from '@signalbox/dsl'
export default defineConfig({ timers: { t1: 'x' }, listen: ['tcq:127.0.0.1:5060'], admin: { listen: '0.0.0.0:1' } })\n`
  const dir = await tempProject({ 'signalbox.config.ts': wrong, 'routes/main.ts': routes() })
  const started = await runCli(['start', dir], { SIGNALBOX_ADMIN_TOKEN: 'secret' })
  const checked = await runCli(['check', dir])
  expect(checked).toMatchObject({ code: 1, stdout: '' })
  expect(checked.stderr).toBe(`${started.stderr}2 errors\n`)
  expect(await runCli(['build', dir])).toMatchObject({ code: 1, stdout: '', stderr: started.stderr })
  const elsewhere = `import { defineConfig } from '@signalbox/dsl'
export default defineConfig({ listen: ['udp:' + process.env['PROXY_IP'] + ':x'] })\n`
  await writeFile(path.join(dir, 'signalbox.config.ts'), elsewhere)
  const unset = await runCli(['check', dir])
  expect(unset).toMatchObject({ code: 0, stdout: 'ok 1 warning\n' })
  expect(unset.stderr).toContain('; the config asks for PROXY_IP, not set here')
})
