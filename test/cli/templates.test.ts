/** Each template as a new user takes it: made, checked, its own tests run, started. */
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runCli, startCli } from './cli-process.ts'
import { statusLineOf } from './options-request.ts'
import { tempFolder } from './temp-project.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const CHILDREN = 60_000

/** What an OPTIONS from nowhere is answered; undefined where the route sends it on. */
const answers = {
  'anonymous-trunk': undefined,
  'emergency-notify': 'SIP/2.0 404 Not Found',
  hello: 'SIP/2.0 200 Hello',
  'trunk-auth': undefined,
  'trunk-registration': 'SIP/2.0 403 No trunk',
}

test('there are no others', async () => {
  expect((await readdir(path.join(root, 'templates'))).toSorted()).toEqual(Object.keys(answers))
})

async function made(template: string): Promise<string> {
  const dir = path.join(await tempFolder(), 'mine')
  expect(await runCli(['new', dir, '--template', template])).toMatchObject({ code: 0, stderr: '' })
  return dir
}

describe.each(Object.entries(answers))('%s', (template, answer) => {
  test('type checks as it stands, nothing installed', { timeout: CHILDREN }, async () => {
    const dir = await made(template)
    expect(await runCli(['check', dir])).toEqual({ code: 0, stdout: 'ok nothing found\n', stderr: '' })
  })

  test('passes its own tests', { timeout: CHILDREN }, async () => {
    const dir = await made(template)
    const { code, stdout } = await runCli(['test', dir], { NO_COLOR: '1' })
    expect(stdout).toMatch(/Tests +\d+ passed \(\d+\)/)
    expect(code).toBe(0)
  })

  test('runs under dev', { timeout: CHILDREN }, async () => {
    const cli = startCli(['dev', await made(template)], {
      SIGNALBOX_LISTEN: 'udp:127.0.0.1:0',
      SIGNALBOX_ADMIN: '127.0.0.1:0',
    })
    const [, port] = await cli.says(/listening on udp:127\.0\.0\.1:(\d+)/)
    await cli.says(/live: generation 1 /)
    if (answer !== undefined) expect(await statusLineOf(Number(port))).toBe(answer)
    cli.kill('SIGTERM')
    expect((await cli.finished).code).toBe(0)
  })
})
