import { describe, expect, test } from 'vitest'
import { runCli } from './cli-process.ts'

const names = ['new', 'dev', 'build', 'check', 'routes', 'start', 'reload', 'generations', 'db', 'trunks', 'ctl']

test('--version', async () => {
  expect(await runCli(['--version'])).toEqual({ code: 0, stdout: '0.1.0\n', stderr: '' })
})

test('--help lists the commands, without colour off a terminal', async () => {
  const { code, stdout } = await runCli(['--help'], { FORCE_COLOR: '1' })
  expect(code).toBe(0)
  for (const name of names) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
  expect(stdout).not.toContain('\u001B')
})

test.each(names)('%s --help has an example', async (name) => {
  const { code, stdout } = await runCli([name, '--help'])
  expect(code).toBe(0)
  expect(stdout).toMatch(new RegExp(`Example:\n  \\$ signalbox ${name} `))
})

test('new --help lists the templates, each with what it does', async () => {
  const { stdout } = await runCli(['new', '--help'])
  for (const name of ['anonymous-trunk', 'emergency-notify', 'hello', 'trunk-auth', 'trunk-registration'])
    expect(stdout).toMatch(new RegExp(`^  ${name} +[A-Z]`, 'm'))
})

describe('wrong usage is exit code 2, said on stderr', () => {
  test.each([
    [[], 'Usage: signalbox'],
    [['chekc'], "unknown command 'chekc'\n(Did you mean check?)"],
    [['trace'], "unknown command 'trace'"],
    [['trace', '--help'], "unknown command 'trace'"],
    [['help', 'trace'], "unknown command 'trace'"],
    [['help', 'db', 'drop'], "unknown command 'drop'"],
    [['db', 'drop', '--help'], "unknown command 'drop'"],
    [['--colour'], "unknown option '--colour'"],
    [['start', '--port', '5060'], "unknown option '--port'"],
    [['start', 'a', 'b'], 'too many arguments'],
    [['new'], "missing required argument 'dir'"],
    [
      ['new', 'x'],
      '--template is missing; there is: anonymous-trunk, emergency-notify, hello, trunk-auth, trunk-registration',
    ],
    [['db', 'drop'], "unknown command 'drop'"],
    [['ctl'], "missing required argument 'method'"],
    [
      ['generations', '--admin', 'bogus'],
      "option '--admin <host:port>' argument 'bogus' is invalid. Expected HOST:PORT",
    ],
    [['reload', '--admin', '127.0.0.1:99999'], "option '--admin <host:port>' argument '127.0.0.1:99999' is invalid."],
    [['ctl', 'core.status', '--admin', ''], "option '--admin <host:port>' argument '' is invalid."],
  ])('%j', async (args, complaint) => {
    const { code, stdout, stderr } = await runCli(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(complaint)
  })
})
