/** `drain.timeout` bounds the whole stop, `onDispose` included. Nothing of RFC 3261 is asked here. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { runCli, startCli } from './cli-process.ts'
import { routes, tempProject } from './temp-project.ts'

const config = `export default {
  listen: ['udp:127.0.0.1:0'],
  admin: { listen: '127.0.0.1:0' },
  handlers: { deadline: '1h' },
  drain: { timeout: 500 },
}
`

test('an onDispose that never ends: told, and the process exits 0', async () => {
  const text = `import { onDispose } from '@signalbox/dsl'\n${routes()}\nonDispose(() => new Promise(() => {}))\n`
  const dir = await tempProject({ 'signalbox.config.ts': config, 'routes/main.ts': text })
  const cli = startCli(['start', dir])
  await cli.says(/listening on/)
  cli.kill('SIGTERM')
  const { code, stdout } = await cli.finished
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/main\.ts:6:1 onDispose did not end before the proxy had to/),
  ])
})

test('an onDispose that a reload began is heard out by the stop', async () => {
  const text = `import { onDispose } from '@signalbox/dsl'
${routes()}
onDispose(async ({ log }) => {
  log.info('begun')
  await new Promise((resolve) => setTimeout(resolve, 600))
  log.info('handed over')
})
`
  const files = { 'signalbox.config.ts': config.replace('500', "'10s'"), 'routes/main.ts': text }
  const dir = await tempProject(files)
  const cli = startCli(['start', dir])
  const [, admin] = await cli.says(/admin on (127\.0\.0\.1:\d+)/)
  await writeFile(path.join(dir, 'routes/main.ts'), routes())
  expect((await runCli(['reload', dir, '--admin', admin!, '--no-check'])).code).toBe(0)
  await cli.says(/begun/)
  cli.kill('SIGTERM')
  const { code, stdout } = await cli.finished
  expect([code, stdout]).toEqual([0, expect.stringContaining('handed over')])
})
