import { stat } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { runCli } from './cli-process.ts'
import { anyPort, tempProject } from './temp-project.ts'

const database = (url: string): string => anyPort.replace('{ listen', `{ database: '${url}', listen`)

test('db init makes the tables, then finds them', async () => {
  const dir = await tempProject({ 'signalbox.config.ts': anyPort })
  const lines = (word: string): string =>
    ['version (version 1)', 'uacreg (version 6)', 'location (version 9)', 'subscriber (version 7)']
      .map((line) => `${word} ${line}\n`)
      .join('')
  expect(await runCli(['db', 'init', dir])).toEqual({ code: 0, stdout: lines('created'), stderr: '' })
  expect(await runCli(['db', 'init', dir])).toEqual({ code: 0, stdout: lines('exists'), stderr: '' })
  expect((await stat(path.join(dir, 'signalbox.db'))).mode & 0o777).toBe(0o600)
})

test('db init --json, on the database that the environment names', async () => {
  const dir = await tempProject({ 'signalbox.config.ts': anyPort })
  const { code, stdout } = await runCli(['db', 'init', dir, '--json'], { SIGNALBOX_DATABASE: 'sqlite:other.db' })
  expect(code).toBe(0)
  expect(JSON.parse(stdout)[1]).toEqual({ name: 'uacreg', created: true, version: 6, own: 6 })
  await stat(path.join(dir, 'other.db'))
})

test('a database that is away is exit code 1, without the password', async () => {
  const dir = await tempProject({ 'signalbox.config.ts': database('mysql://u:s3cret@127.0.0.1:1/kamailio') })
  const { code, stdout, stderr } = await runCli(['db', 'init', dir])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain('connect ECONNREFUSED 127.0.0.1:1')
  expect(stderr).not.toContain('s3cret')
})

test('a database that is none', async () => {
  const dir = await tempProject({ 'signalbox.config.ts': database('mysql://u:s3cret@host') })
  const { code, stderr } = await runCli(['db', 'init', dir])
  expect(code).toBe(1)
  expect(stderr).toContain("database: expected 'sqlite:FILE' or 'mysql://user:pass@host:3306/name'")
  expect(stderr).not.toContain('s3cret')
})
