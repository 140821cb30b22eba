import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bin, runCli } from './cli-process.ts'
import { tempFolder } from './temp-project.ts'

test('makes a project that carries its folder’s name, and says what comes next', async () => {
  const dir = path.join(await tempFolder(), 'My Trunk')
  const { code, stdout } = await runCli(['new', dir, '--template', 'trunk-auth'])
  expect(code).toBe(0)
  expect(stdout).toContain(`\n  cd '${dir}'\n  npm install\n  npm test `)
  expect(stdout).toContain(`\n  signalbox dev '${dir}'\n`)
  const manifest = JSON.parse(await readFile(path.join(dir, 'package.json'), 'utf8')) as { name: string }
  expect(manifest.name).toBe('my-trunk')
  expect(await readFile(path.join(dir, '.gitignore'), 'utf8')).toContain('.signalbox/')
  expect(await readFile(path.join(dir, 'routes/main.ts'), 'utf8')).toContain('TRUNKAUTH')
  // Editors know the names before the first check.
  expect(await readFile(path.join(dir, '.signalbox/register.d.ts'), 'utf8')).toContain('failure: "TRUNKAUTH"')
})

test.each([
  ['Büro 2', 'buro-2'],
  ['日本', 'signalbox-project'],
  ['.Hidden', 'hidden'],
])('a folder %s is package %s', async (folder, name) => {
  const dir = path.join(await tempFolder(), folder)
  expect((await runCli(['new', dir, '-t', 'hello'])).code).toBe(0)
  expect(JSON.parse(await readFile(path.join(dir, 'package.json'), 'utf8'))).toMatchObject({ name })
})

test('package.json asks for the very versions that made it', async () => {
  const dir = path.join(await tempFolder(), 'mine')
  await runCli(['new', dir, '-t', 'hello'])
  const own = JSON.parse(await readFile(new URL('../../packages/cli/package.json', import.meta.url), 'utf8')) as {
    version: string
    dependencies: Record<string, string>
  }
  const { version, dependencies } = own
  expect(JSON.parse(await readFile(path.join(dir, 'package.json'), 'utf8'))).toMatchObject({
    dependencies: { '@signalbox/cli': version, '@signalbox/core': version, '@signalbox/dsl': version },
    devDependencies: { '@types/node': dependencies['@types/node'], vitest: dependencies['vitest'] },
  })
})

test('takes a folder that exists and is empty, but for a repository that was just begun', async () => {
  const dir = await tempFolder()
  await mkdir(path.join(dir, '.git'))
  expect((await runCli(['new', dir, '-t', 'trunk-auth'])).code).toBe(0)
})

test('refuses a folder with something in it, and leaves it alone', async () => {
  const dir = await tempFolder()
  await writeFile(path.join(dir, 'package.json'), '{}')
  const { code, stderr } = await runCli(['new', dir, '--template', 'trunk-auth'])
  expect(code).toBe(1)
  expect(stderr).toContain(`${dir} is not empty`)
  expect(await readFile(path.join(dir, 'package.json'), 'utf8')).toBe('{}')
})

test('refuses a file', async () => {
  const file = path.join(await tempFolder(), 'file')
  await writeFile(file, '')
  const { code, stderr } = await runCli(['new', file, '--template', 'trunk-auth'])
  expect(code).toBe(1)
  expect(stderr).toContain('cannot be used (ENOTDIR)')
})

test('an unknown template: those that there are, and the nearest', async () => {
  const parent = await tempFolder()
  await mkdir(path.join(parent, 'empty'))
  const { code, stderr } = await runCli(['new', path.join(parent, 'empty'), '--template', 'trunk'])
  expect(code).toBe(1)
  expect(stderr).toContain(
    'there is no template "trunk"; there is: anonymous-trunk, emergency-notify, hello, trunk-auth, trunk-registration',
  )
  expect(stderr).toContain('did you mean "trunk-auth"?')
})

/** `script` (Debian: bsdutils) runs a command on a terminal of its own. */
describe.runIf(existsSync('/usr/bin/script'))('on a terminal', () => {
  test('asks for folder and template', async () => {
    const cwd = await tempFolder()
    const terminal = onTerminal(['new'], cwd)
    await terminal.says(/Which folder\?/)
    terminal.types(`${KILL_LINE}mine\r`)
    await terminal.says(/What to start from\?/)
    terminal.types('\r')
    expect(await terminal.finished).toBe(0)
    expect(await readFile(path.join(cwd, 'mine/routes/main.ts'), 'utf8')).toContain("reply(200, 'Hello')")
  })

  test('asks only for what was not said, and makes nothing when the person gives up', async () => {
    const cwd = await tempFolder()
    const terminal = onTerminal(['new', 'mine'], cwd)
    await terminal.says(/What to start from\?/)
    terminal.types(CTRL_C)
    await terminal.says(/nothing was made/)
    expect(await terminal.finished).toBe(1)
    expect(terminal.output()).not.toContain('Which folder?')
    expect(await readdir(cwd)).toEqual([])
  })
})

const CTRL_C = '\u0003'
const KILL_LINE = '\u0015'

function onTerminal(args: readonly string[], cwd: string) {
  const command = [process.execPath, bin, ...args].map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['-qec', `stty cols 100 rows 30; exec ${command}`, '/dev/null'], {
    cwd,
    env: { PATH: process.env.PATH },
  })
  let output = ''
  child.stdout.on('data', (text: Buffer) => void (output += text.toString()))
  const finished = new Promise<number | null>((resolve) => child.on('close', resolve))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await finished
  })
  return {
    finished,
    output: () => output,
    types: (keys: string) => void child.stdin.write(keys),
    says: async (pattern: RegExp) => {
      await expect.poll(() => output, { timeout: 8000 }).toMatch(pattern)
    },
  }
}
