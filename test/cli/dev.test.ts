import { rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { startCli } from './cli-process.ts'
import { statusLineOf } from './options-request.ts'
import { anyPort, routes, tempProject } from './temp-project.ts'

const COMPILER = 30_000

async function running(files: Record<string, string> = {}) {
  const dir = await tempProject({ 'signalbox.config.ts': anyPort, 'routes/main.ts': routes(), ...files })
  const cli = startCli(['dev', dir])
  const [, port] = await cli.says(/listening on udp:127\.0\.0\.1:(\d+)/)
  await cli.says(/live: generation 1 /)
  cli.forget()
  return { cli, dir, port: Number(port), main: path.join(dir, 'routes/main.ts') }
}

test('a save is live, written in place or renamed over the old file', async () => {
  const { cli, dir, port, main } = await running()
  await writeFile(main, routes('Written'))
  await cli.says(/live: generation 2 /)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Written')
  await writeFile(path.join(dir, 'draft'), routes('Renamed'))
  await rename(path.join(dir, 'draft'), main)
  await cli.says(/live: generation 3 /)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Renamed')
  cli.kill('SIGTERM')
  expect((await cli.finished).code).toBe(0)
})

test('of a burst of saves the last one is live', async () => {
  const { cli, port, main } = await running()
  for (let turn = 1; turn <= 20; turn++) await writeFile(main, routes(`Turn ${turn}`))
  const last = async (): Promise<void> => {
    await cli.says(/live: generation /)
    cli.forget()
    if ((await statusLineOf(port)) !== 'SIP/2.0 403 Turn 20') await last()
  }
  await last()
})

test('an error is a code frame, the old routes stay, and mending it goes live', async () => {
  const { cli, port, main } = await running()
  await writeFile(main, `${routes()}onRequest(() => }\n`)
  await cli.says(/main\.ts:4:17: Unexpected "}"\n {2}4 \| onRequest\(\(\) => }\n/)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 No trunk')
  await writeFile(main, routes('Mended'))
  await cli.says(/live: generation 2 /)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Mended')
})

test('a file that an import was missing goes live when it appears', async () => {
  const { cli, dir, main } = await running()
  await writeFile(main, `import './trunk.ts'\n${routes('Complete')}`)
  await cli.says(/Could not resolve "\.\/trunk\.ts"/)
  await writeFile(path.join(dir, 'routes/trunk.ts'), 'export {}\n')
  await cli.says(/live: generation 2 /)
})

test('type errors are shown after the routes are live', { timeout: COMPILER }, async () => {
  const { cli, port, main } = await running()
  await writeFile(main, `${routes('Untyped')}const port: number = 'x'\nexport { port }\n`)
  await cli.says(/live: generation 2 /)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Untyped')
  await cli.says(/main\.ts:4:7: Type 'string' is not assignable to type 'number'/)
  await cli.says(/1 error; it is live all the same/)
})

test('fifty saves in a second, each renamed over the last, are few generations, and the newest text is live', async () => {
  const { cli, dir, port, main } = await running()
  for (let turn = 1; turn <= 50; turn++) {
    await writeFile(path.join(dir, 'draft'), routes(`Turn ${turn}`))
    await rename(path.join(dir, 'draft'), main)
    // A load, not a wait: the pace of the saves.
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await expect.poll(() => statusLineOf(port), { timeout: 5_000 }).toBe('SIP/2.0 403 Turn 50')
  cli.kill('SIGTERM')
  const { stdout } = await cli.finished
  const generations = stdout.match(/live: generation/g)!.length
  expect(generations).toBeGreaterThan(1)
  expect(generations).toBeLessThan(20)
})

test('a config that was saved is read; where it says the same and so do the routes, what is live stays', async () => {
  const { cli, dir } = await running()
  await writeFile(path.join(dir, 'signalbox.config.ts'), `// the same\n${anyPort}`)
  await cli.says(/live: generation 1 /)
})

test('SIGHUP reads everything again', async () => {
  const { cli, dir, port } = await running()
  await writeFile(path.join(dir, 'signalbox.config.ts'), anyPort.replace('{ listen', `{ routes: 'other.ts', listen`))
  await cli.says(/other\.ts: the route file cannot be read/)
  cli.forget()
  await writeFile(path.join(dir, 'other.ts'), routes('Other'))
  cli.kill('SIGHUP')
  await cli.says(/live: generation 2 /)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Other')
})
