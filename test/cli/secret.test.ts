/** The key that is made once for a project: `uac.restorePassword: ''`. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { runCli, startCli } from './cli-process.ts'
import { anyPort, routes, tempProject } from './temp-project.ts'

const files = { 'signalbox.config.ts': anyPort, 'routes/main.ts': routes() }
const secretOf = (dir: string): string => path.join(dir, '.signalbox', 'secret')

async function startAndStop(dir: string): Promise<void> {
  const cli = startCli(['start', dir])
  await cli.says(/listening on/)
  cli.kill('SIGTERM')
  expect((await cli.finished).code).toBe(0)
}

test('is for its owner alone, and stays over a new start', async () => {
  const dir = await tempProject(files)
  await startAndStop(dir)
  const secret = readFileSync(secretOf(dir), 'utf8')
  expect([secret, statSync(secretOf(dir)).mode & 0o777]).toEqual([expect.stringMatching(/^[0-9a-f]{64}\n$/), 0o600])
  await startAndStop(dir)
  expect(readFileSync(secretOf(dir), 'utf8')).toBe(secret)
})

test.each(['short', ''])('one that holds "%s": exit 1, the file named, nothing overwritten', async (text) => {
  const dir = await tempProject({ ...files, '.signalbox/secret': text })
  const { code, stderr, stdout } = await runCli(['start', dir])
  expect(code).toBe(1)
  expect(stderr + stdout).toContain(secretOf(dir))
  expect(stderr + stdout).toContain('set uac.restorePassword')
  expect(readFileSync(secretOf(dir), 'utf8')).toBe(text)
})

test('is not made where a password stands in the config', async () => {
  const config = anyPort.replace('{ listen', "{ uac: { restorePassword: 'p' }, listen")
  const dir = await tempProject({ ...files, 'signalbox.config.ts': config })
  await startAndStop(dir)
  expect(() => statSync(secretOf(dir))).toThrow('ENOENT')
  // Nor looked at.
  writeFileSync(path.join(dir, '.signalbox'), 'no folder')
  await startAndStop(dir)
})
