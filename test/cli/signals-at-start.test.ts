/** What SIGTERM and SIGHUP do while the first `onLoad` runs. Nothing of RFC 3261 is asked here. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { startCli } from './cli-process.ts'
import { routes, tempFolder, tempProject } from './temp-project.ts'

const config = `export default {
  listen: ['udp:127.0.0.1:0'],
  admin: { listen: '127.0.0.1:0' },
  handlers: { deadline: '1h' },
  drain: { timeout: '1h' },
}
`

const waiting = (lines: string) => `import { onLoad } from '@signalbox/dsl'
import { existsSync } from 'node:fs'
${routes()}
onLoad(async ({ log }) => {
  log.info('loading')
  ${lines}
})
`

const never = waiting('await new Promise(() => {})')

test.each([
  ['start', '1'],
  ['start', '2'],
  ['dev', '1'],
])('SIGTERM: %s with %s workers exits 0 at once', { timeout: 30_000 }, async (command, workers) => {
  const dir = await tempProject({ 'signalbox.config.ts': config, 'routes/main.ts': never })
  const cli = startCli([command, dir], { SIGNALBOX_WORKERS: workers })
  await cli.says(/loading/)
  cli.kill('SIGTERM')
  const { code, stderr } = await cli.finished
  expect([code, stderr]).toEqual([0, expect.stringContaining('stopped while it was being started')])
})

test('SIGHUP: the routes are read again when the proxy is up', { timeout: 30_000 }, async () => {
  const go = path.join(await tempFolder(), 'go')
  const text = waiting(`while (!existsSync('${go}')) await new Promise((resolve) => setTimeout(resolve, 10))`)
  const dir = await tempProject({ 'signalbox.config.ts': config, 'routes/main.ts': text })
  const cli = startCli(['start', dir])
  await cli.says(/loading/)
  cli.kill('SIGHUP')
  await writeFile(path.join(dir, 'routes/main.ts'), routes('Another'))
  await writeFile(go, '')
  await cli.says(/live: generation 2 .* by a reload/)
  cli.kill('SIGTERM')
  expect((await cli.finished).code).toBe(0)
})
