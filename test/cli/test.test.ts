/** `signalbox test`: projects whose tests pass, fail, or are not there. */
import { readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { runCli, startCli, type Finished } from './cli-process.ts'
import { routes, tempFolder, tempProject } from './temp-project.ts'

const CHILDREN = 60_000

/** A test of the routes of the project, wherever its config says they are. */
const suite = (status: number) => `import { simulate } from '@signalbox/core/testing'
import { expect, test } from 'vitest'

test('who calls is answered', async () => {
  const net = await simulate()
  expect(await net.uac().invite('sip:bob@127.0.0.1:5080')).toBeAnsweredWith(${status})
})

test('and so is who asks', async () => {
  const net = await simulate()
  expect(await net.uac().send('OPTIONS', 'sip:127.0.0.1:5080')).toBeAnsweredWith(${status})
})
`

function ran(...args: string[]): Promise<Finished> {
  return runCli(['test', ...args], { TERM: 'xterm' })
}

test(
  'routes and a test alone: ours is what they import, and nothing is left but in .signalbox',
  { timeout: CHILDREN },
  async () => {
    const dir = await tempProject({ 'routes/main.ts': routes(), 'test/main.test.ts': suite(403) })
    const { code, stdout, stderr } = await ran(dir)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    // Colours are for terminals.
    expect(stdout).not.toContain('\u001B')
    expect(stdout).toMatch(/Tests +2 passed \(2\)/)
    expect((await readdir(dir)).toSorted()).toEqual(['.signalbox', 'routes', 'test'])
  },
)

test('a test that fails is exit code 1, with its line and the ladder of the call', { timeout: CHILDREN }, async () => {
  const dir = await tempProject({ 'routes/main.ts': routes(), 'test/main.test.ts': suite(200) })
  const { code, stderr } = await ran(dir)
  expect(code).toBe(1)
  expect(stderr).toContain('test/main.test.ts:6:')
  expect(stderr).toMatch(/│─+ 1 INVITE ─+▶│/)
  expect(stderr).toContain('● onRequest  routes/main.ts:3:1')
})

test(
  'simulate() finds the routes that the config names, and wants none of its secrets',
  { timeout: CHILDREN },
  async () => {
    const dir = await tempProject({
      'signalbox.config.ts': `import { defineConfig } from '@signalbox/dsl'
export default defineConfig({ routes: 'calls/in.ts', admin: { listen: '0.0.0.0:8060', token: process.env.NOT_SET ?? '' } })\n`,
      'calls/in.ts': routes(),
      'test/main.test.ts': suite(403),
    })
    expect(await ran(dir)).toMatchObject({ code: 0, stderr: '' })
  },
)

test('patterns choose files, and what follows -- goes to vitest', { timeout: CHILDREN }, async () => {
  const dir = await tempProject({
    'routes/main.ts': routes(),
    'test/good.test.ts': suite(403),
    'test/bad.test.ts': suite(200),
  })
  const { code, stdout } = await ran(dir, 'good', '--', '-t', 'who asks')
  expect(code).toBe(0)
  expect(stdout).toMatch(/Test Files +1 passed \(1\)/)
  expect(stdout).toMatch(/Tests +1 passed \| 1 skipped/)
})

test('--json is vitest’s report', { timeout: CHILDREN }, async () => {
  const dir = await tempProject({ 'routes/main.ts': routes(), 'test/main.test.ts': suite(200) })
  const { code, stdout } = await ran(dir, '--json')
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ success: false, numTotalTests: 2, numFailedTests: 2 })
})

test('--watch runs again on a save of tests or routes, until it is told to stop', { timeout: CHILDREN }, async () => {
  const files = { 'routes/main.ts': routes(), 'test/main.test.ts': suite(200) }
  const dir = await tempProject(files)
  const cli = startCli(['test', dir, '--watch'], { NO_COLOR: '1', CI: '' })
  await cli.says(/Tests +2 failed/)
  cli.forget()
  await writeFile(path.join(dir, 'test/main.test.ts'), suite(403))
  await cli.says(/Tests +2 passed/)
  cli.forget()
  await writeFile(path.join(dir, 'routes/main.ts'), routes('Changed').replace('403', '486'))
  await cli.says(/Tests +2 failed/)
  cli.kill('SIGTERM')
  await cli.finished
})

test('no tests at all is the user’s mistake', { timeout: CHILDREN }, async () => {
  const { code, stderr } = await ran(await tempProject({ 'routes/main.ts': routes() }))
  expect(code).toBe(1)
  expect(stderr).toContain('No test files found')
  expect(stderr).toContain('test/**/*.test.ts')
})

test('a folder that is no project', async () => {
  const { code, stderr } = await ran(await tempFolder())
  expect(code).toBe(1)
  expect(stderr).toContain('is not a Signalbox project')
})

test('an option that there is not is wrong usage', async () => {
  expect(await ran('.', '--nonsense')).toMatchObject({ code: 2 })
})
