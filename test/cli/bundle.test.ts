import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { runCli, startCli, type RunningCli } from './cli-process.ts'
import { statusLineOf } from './options-request.ts'
import { anyPort, routes, tempFolder, tempProject } from './temp-project.ts'

const project = { 'signalbox.config.ts': anyPort, 'routes/main.ts': routes('One') }

/** Where it was written. */
async function build(dir: string, text: string): Promise<string> {
  await writeFile(path.join(dir, 'routes/main.ts'), text)
  const { code, stdout, stderr } = await runCli(['build', dir, '--no-check', '--json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return (JSON.parse(stdout) as { folder: string }).folder
}

async function listening(cli: RunningCli) {
  const [, port, admin] = await cli.says(/listening on udp:127\.0\.0\.1:(\d+).*admin on (127\.0\.0\.1:\d+)/)
  return { cli, port: Number(port), admin: admin! }
}

async function succeeds(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

test('built, started as it is, another one brought in, rolled back, and back to what it was started from', async () => {
  const dir = await tempProject(project)
  await build(dir, routes('One'))
  const other = path.join(await tempFolder(), 'other')
  await cp(await build(dir, routes('Two')), other, { recursive: true })
  await build(dir, routes('One'))
  await rm(path.join(dir, 'routes'), { recursive: true })
  const { port, admin } = await listening(startCli(['start', dir, '--bundle']))
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 One')

  const brought = await succeeds(['reload', dir, '--admin', admin, '--bundle', path.relative('.', other)])
  expect(brought).toBe(`live generation 2 (${await hashOf(other)})\n`)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Two')

  const rolledBack = await succeeds(['rollback', dir, '--admin', admin, '--json'])
  expect(JSON.parse(rolledBack)).toMatchObject({ number: 3, state: 'live', restart: [] })
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 One')
  expect(await succeeds(['rollback', dir, '--admin', admin])).toMatch(/^live generation 4 \([0-9a-f]{12}\)\n$/)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Two')

  expect(await succeeds(['reload', dir, '--admin', admin])).toMatch(/^live generation 5 /)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 One')
  const listed = await succeeds(['generations', dir, '--admin', admin])
  expect(listed).toMatch(/transactions {2}ended\n5 +\w+ +live +[^ ]+ +0\n4 +\w+ +disposed +[^ ]+ +0 +superseded\n/)
  expect(listed).toMatch(/\n3 .* rolled back\n/)
})

async function hashOf(folder: string): Promise<string> {
  return (JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8')) as { hash: string }).hash
}

test('nothing to roll back to is said', async () => {
  const { admin } = await listening(startCli(['start', await tempProject(project)]))
  const { code, stderr } = await runCli(['rollback', '--admin', admin])
  expect(code).toBe(1)
  expect(stderr).toContain('there is nothing to go back to')
})

test('a bundle alone runs on defaults and environment, on a machine that has no esbuild, and reloads what lies there', async () => {
  const sources = await tempProject(project)
  const folder = path.join(await tempFolder(), 'bundle')
  await cp(await build(sources, routes('One')), folder, { recursive: true })
  const env = {
    SIGNALBOX_LISTEN: 'udp:127.0.0.1:0',
    SIGNALBOX_ADMIN: '127.0.0.1:0',
    NODE_OPTIONS: `--import=${await withoutEsbuild()}`,
  }
  expect(await runCli(['build', sources, '--no-check'], env)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no esbuild here'),
  })
  const { cli, port, admin } = await listening(startCli(['start', folder], env))
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 One')
  await cp(await build(sources, routes('Two')), folder, { recursive: true })
  expect(await succeeds(['reload', folder, '--admin', admin])).toMatch(/^live generation 2 /)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Two')
  await cp(await build(sources, routes('Three')), folder, { recursive: true })
  cli.kill('SIGHUP')
  await cli.says(/live: generation 3 /)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Three')
})

/** A module that keeps esbuild from being loaded. */
async function withoutEsbuild(): Promise<string> {
  const hook = `export async function resolve(name, context, next) {
  if (name === 'esbuild') throw new Error('no esbuild here')
  return next(name, context)
}
`
  const dir = await tempProject({ 'hook.mjs': hook })
  const url = pathToFileURL(path.join(dir, 'hook.mjs')).href
  const main = path.join(dir, 'register.mjs')
  await writeFile(main, `import { register } from 'node:module'\nregister(${JSON.stringify(url)})\n`)
  return pathToFileURL(main).href
}

test('a project without a route file runs its newest bundle, and SIGHUP the one that is newest then', async () => {
  const dir = await tempProject(project)
  const build2 = await build(dir, routes('Two'))
  await build(dir, routes('One'))
  await rm(path.join(dir, 'routes'), { recursive: true })
  const proxy = startCli(['start', dir])
  await proxy.says(/the routes are the bundle in [^ ]+\.signalbox\/bundle, as it is/)
  const { cli, port } = await listening(proxy)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 One')
  await rm(path.join(dir, '.signalbox/bundle'))
  await cp(build2, path.join(dir, '.signalbox/bundle'), { recursive: true })
  cli.kill('SIGHUP')
  await cli.says(/live: generation 2 /)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Two')
})

test('what a route throws is told in lines of its source, which is not there', async () => {
  const dir = await tempProject(project)
  await build(dir, `${routes()}import { onFailure } from '@signalbox/dsl'\nonFailure('X', () => {})\n`)
  const folder = await build(
    dir,
    `import { onRequest } from '@signalbox/dsl'\n\ninterface Erased {\n  a: 1\n}\nonRequest(() => {\n  throw new Error('oops')\n})\n`,
  )
  await rm(path.join(dir, 'routes'), { recursive: true })
  const { cli, port } = await listening(startCli(['start', dir, '--bundle', folder]))
  expect(await statusLineOf(port)).toMatch(/^SIP\/2\.0 500 /)
  await cli.says(/oops.*routes\/main\.ts:7:9/)
})

test('a bundle that is cut short is refused, calls go on, and the next whole one is taken', async () => {
  const dir = await tempProject(project)
  const folder = await build(dir, routes('One'))
  const next = await build(dir, routes('Two'))
  const { cli, port, admin } = await listening(startCli(['start', dir, '--bundle', folder]))
  await truncate(path.join(next, 'routes.cjs'), 100)
  const refused = await runCli(['reload', dir, '--admin', admin, '--bundle', next])
  expect(refused).toMatchObject({ code: 1, stdout: '' })
  expect(refused.stderr).toMatch(/routes\.cjs: expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64} \(100 bytes\)/)
  await cli.says(/reload of [^ ]+ refused: .*routes\.cjs: expected SHA-256/)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 One')
  await build(dir, routes('Two'))
  expect(await succeeds(['ctl', 'routes.reload', next, '--admin', admin])).toContain('"number": 2')
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Two')

  await truncate(path.join(folder, 'manifest.json'), 10)
  cli.kill('SIGHUP')
  await cli.says(/reload refused: .*manifest\.json: expected a manifest in JSON, found 10 bytes/)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Two')
  const start = await runCli(['start', dir, '--bundle', folder])
  expect(start).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('manifest.json: expected a manifest in JSON'),
  })
})

test('what is no folder for the proxy is refused by ctl', async () => {
  const { admin } = await listening(startCli(['start', await tempProject(project)]))
  for (const word of ['relative/path', '5']) {
    const { code, stderr } = await runCli(['ctl', 'routes.reload', word, '--admin', admin])
    expect(code).toBe(1)
    expect(stderr).toContain('expected the absolute path of a folder with a bundle')
  }
})

test('--bundle without one: how to make it', async () => {
  const { code, stderr } = await runCli(['start', await tempProject(project), '--bundle'])
  expect(code).toBe(1)
  expect(stderr).toContain('.signalbox/bundle: there is no bundle here (ENOENT)')
  expect(stderr).toContain('signalbox build DIR')
})
