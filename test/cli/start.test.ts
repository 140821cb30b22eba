import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { runCli, startCli, type RunningCli } from './cli-process.ts'
import { statusLineOf } from './options-request.ts'
import { anyPort, routes, tempProject } from './temp-project.ts'

const COMPILER = 30_000

/** A proxy on ports that the system chose. */
async function running(files: Record<string, string> = {}) {
  const dir = await tempProject({ 'signalbox.config.ts': anyPort, 'routes/main.ts': routes(), ...files })
  const cli = startCli(['start', dir])
  const [, port, admin] = await cli.says(
    /listening on udp:127\.0\.0\.1:(\d+).*admin on (?:http:\/\/)?(127\.0\.0\.1:\d+)/,
  )
  return { dir, cli, port: Number(port), admin: admin! }
}

async function save(dir: string, text: string): Promise<void> {
  await writeFile(path.join(dir, 'routes/main.ts'), text)
}

async function stopped(cli: RunningCli): Promise<number | null> {
  cli.kill('SIGTERM')
  return (await cli.finished).code
}

test('serves, reloads on SIGHUP, and exits 0 on SIGTERM however often it comes', async () => {
  const { dir, cli, port } = await running()
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 No trunk')
  await save(dir, routes('Changed'))
  cli.kill('SIGHUP')
  await cli.says(/live: generation 2 \([0-9a-f]{12}\)/)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Changed')
  cli.kill('SIGTERM')
  cli.kill('SIGTERM')
  expect(await stopped(cli)).toBe(0)
})

test('a reload that is refused leaves the live generation alone, and the next good one works', async () => {
  const { dir, cli, port } = await running()
  await save(dir, `${routes()}onRequest((\n`)
  cli.kill('SIGHUP')
  await cli.says(/reload refused: .*routes\/main\.ts:5:1: Unexpected end of file/)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 No trunk')
  await save(dir, routes('Mended'))
  cli.kill('SIGHUP')
  await cli.says(/live: generation 2/)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Mended')
})

test('what is asked for by RPC stands in the log, once', async () => {
  const { dir, cli, admin } = await running()
  await save(dir, `${routes()}onRequest((\n`)
  expect(await runCli(['ctl', 'routes.reload', '--admin', admin])).toMatchObject({ code: 1 })
  await cli.says(/"warn".*reload refused: .*routes\/main\.ts:5:1: Unexpected end of file/)
  cli.kill('SIGHUP')
  await cli.says(/reload refused[^]*reload refused/)
  await save(dir, routes('Mended'))
  expect(await runCli(['ctl', 'routes.reload', '--admin', admin])).toMatchObject({ code: 0 })
  await cli.says(/live: generation 2/)
  for (const _ of ['asked', 'asked again']) await runCli(['ctl', 'core.drain', '--admin', admin])
  await stopped(cli)
  const { stdout } = await cli.finished
  expect([...stdout.matchAll(/reload refused|live: generation|core\.drain/g)].map(String)).toEqual([
    'reload refused',
    'reload refused',
    'live: generation',
    'core.drain',
  ])
})

test('SIGINT stops it too', async () => {
  const { cli } = await running()
  cli.kill('SIGINT')
  expect((await cli.finished).code).toBe(0)
})

test('what is set and not in force yet is said once', async () => {
  const { cli } = await running({
    'signalbox.config.ts': anyPort.replace(`['udp:127.0.0.1:0']`, `[{ at: 'udp:127.0.0.1:0', cert: 'c.pem' }]`),
  })
  await stopped(cli)
  expect((await cli.finished).stdout).toContain('set in the config, but not in force yet: listen[0].cert')
})

describe('reload, generations and ctl talk to the running proxy', () => {
  test('reload checks types here first, and shows what the proxy refused', { timeout: COMPILER }, async () => {
    const { dir, port, admin } = await running()
    await save(dir, `${routes('Typed')}const port: number = 'x'\nexport { port }\n`)
    const untyped = await runCli(['reload', dir, '--admin', admin])
    expect(untyped).toMatchObject({ code: 1, stderr: expect.stringContaining('routes/main.ts:4:7: Type') })
    expect(await statusLineOf(port)).toBe('SIP/2.0 403 No trunk')

    const unchecked = await runCli(['reload', dir, '--admin', admin, '--no-check', '--json'])
    expect(unchecked.code).toBe(0)
    expect(JSON.parse(unchecked.stdout)).toMatchObject({ number: 2, hash: expect.stringMatching(/^[0-9a-f]{12}$/) })
    expect(await statusLineOf(port)).toBe('SIP/2.0 403 Typed')

    await save(dir, `import './missing.ts'\n${routes()}`)
    const refused = await runCli(['reload', dir, '--admin', admin, '--no-check'])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('routes/main.ts:1:8: Could not resolve "./missing.ts"')
    expect(refused.stderr).toContain('there is no such file')
  })

  test('generations, as a table and as JSON', async () => {
    const { dir, admin } = await running()
    const table = await runCli(['generations', dir, '--admin', admin])
    expect(table.stdout).toMatch(/^generation {2}hash +state +since +transactions +ended\n1 +[0-9a-f]{12} +live /)
    const { stdout } = await runCli(['generations', '--admin', admin, '--json'])
    expect(JSON.parse(stdout)).toMatchObject([{ number: 1, state: 'live', transactions: 0 }])
  })

  test('ctl', async () => {
    const { admin } = await running()
    const { code, stdout } = await runCli(['ctl', 'routes.generations', '--admin', admin])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject([{ number: 1 }])
    const unknown = await runCli(['ctl', 'no.such', '--admin', admin])
    expect(unknown.code).toBe(1)
    expect(unknown.stderr).toContain('error')
  })
})

describe('the user’s mistakes are exit code 1 with what, where and how to mend it', () => {
  async function refused(files: Record<string, string>): Promise<string> {
    const { code, stderr } = await runCli(['start', await tempProject(files)])
    expect(code).toBe(1)
    return stderr
  }

  test('a config with an unknown key', async () => {
    const stderr = await refused({
      'signalbox.config.ts': 'export default { lisen: [] }\n',
      'routes/main.ts': routes(),
    })
    expect(stderr).toContain('signalbox.config.ts: lisen: unknown key\n  did you mean "listen"?')
  })

  test('a config that does not parse', async () => {
    const stderr = await refused({
      'signalbox.config.ts': 'export default {\n  listen: [}\n',
      'routes/main.ts': routes(),
    })
    expect(stderr).toContain('signalbox.config.ts:2:12: Unexpected "}"')
  })

  test('a route file that is missing', async () => {
    const stderr = await refused({ 'signalbox.config.ts': anyPort })
    expect(stderr).toContain('routes/main.ts: the route file cannot be read (ENOENT)')
  })

  test('a route file with a syntax error', async () => {
    const stderr = await refused({ 'signalbox.config.ts': anyPort, 'routes/main.ts': 'onRequest(() => }\n' })
    expect(stderr).toContain('routes/main.ts:1:17: Unexpected "}"\n  1 | onRequest(() => }\n    |                 ^\n')
  })

  test('a route file that throws', async () => {
    const stderr = await refused({
      'signalbox.config.ts': anyPort,
      'routes/main.ts': `interface Erased {\n  a: 1\n}\nthrow new Error('at load')\n`,
    })
    expect(stderr).toMatch(/routes\/main\.ts:4:\d+: .*at load/)
  })

  test('an onLoad that throws', async () => {
    const stderr = await refused({
      'signalbox.config.ts': anyPort,
      'routes/main.ts': `import { onLoad } from '@signalbox/dsl'\n${routes()}onLoad(async () => {\n  throw new Error('not ready')\n})\n`,
    })
    expect(stderr).toMatch(/routes\/main\.ts:6:9: onLoad threw Error: not ready\n/)
  })

  test('an onLoad that never ends', async () => {
    const stderr = await refused({
      'signalbox.config.ts': anyPort.replace('{ listen', `{ handlers: { deadline: '200ms' }, listen`),
      'routes/main.ts': `import { onLoad } from '@signalbox/dsl'\n${routes()}onLoad(() => new Promise(() => {}))\n`,
    })
    expect(stderr).toMatch(/routes\/main\.ts:5:1: onLoad did not end within handlers\.deadline, 200 ms/)
  })

  test('a port that is taken', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    onTestFinished(() => void socket.close())
    const { port } = socket.address()
    const stderr = await refused({
      'signalbox.config.ts': `export default { listen: ['udp:127.0.0.1:${port}'], admin: { listen: '127.0.0.1:0' } }\n`,
      'routes/main.ts': routes(),
    })
    expect(stderr).toContain(`udp:127.0.0.1:${port}`)
  })
})
