import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { runCli } from './cli-process.ts'
import { tempFolder } from './temp-project.ts'

test('makes a project that carries its folder’s name', async () => {
  const dir = path.join(await tempFolder(), 'My Trunk')
  const { code, stdout } = await runCli(['new', dir, '--template', 'trunk-auth'])
  expect(code).toBe(0)
  expect(stdout).toContain('signalbox dev')
  const manifest = JSON.parse(await readFile(path.join(dir, 'package.json'), 'utf8')) as { name: string }
  expect(manifest.name).toBe('my-trunk')
  expect(await readFile(path.join(dir, '.gitignore'), 'utf8')).toContain('.signalbox/')
  expect(await readFile(path.join(dir, 'routes/main.ts'), 'utf8')).toContain('TRUNKAUTH')
  // Editors know the names before the first check.
  expect(await readFile(path.join(dir, '.signalbox/register.d.ts'), 'utf8')).toContain('failure: "TRUNKAUTH"')
})

test('takes a folder that exists and is empty', async () => {
  const dir = await tempFolder()
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
    'there is no template "trunk"; there is: anonymous-trunk, emergency-notify, trunk-auth, trunk-registration',
  )
  expect(stderr).toContain('did you mean "trunk-auth"?')
})
