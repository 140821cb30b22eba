/** `drain.timeout` bounds the whole stop, `onDispose` included. Nothing of RFC 3261 is asked here. */
import { expect, test } from 'vitest'
import { startCli } from './cli-process.ts'
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
