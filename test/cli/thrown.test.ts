/** What the user's code throws where nobody catches it ends no process. Nothing of RFC 3261 is asked here. */
import { expect, test } from 'vitest'
import { startCli } from './cli-process.ts'
import { statusLineOf } from './options-request.ts'
import { anyPort, tempProject } from './temp-project.ts'

const routes = `import { onRequest } from '@signalbox/dsl'

const no = (): never => {
  throw Object.create(null)
}
const ways: Record<string, () => unknown> = {
  timer: () => setTimeout(no, 1),
  node: () => globalThis.setTimeout(no, 1),
  tick: () => process.nextTick(no),
  microtask: () => queueMicrotask(no),
  promise: () => void Promise.reject(Object.create(null)),
  abort: () => void Promise.reject(undefined),
}

onRequest(({ req, reply }) => {
  ways[req.ruri.user]?.()
  reply(200)
})
`

test('a value without words, thrown by a timer, a tick, a promise: told, and the next call is answered', async () => {
  const dir = await tempProject({ 'signalbox.config.ts': anyPort, 'routes/main.ts': routes })
  const cli = startCli(['start', dir])
  const [, port] = await cli.says(/listening on udp:127\.0\.0\.1:(\d+)/)
  for (const user of ['timer', 'node', 'tick', 'microtask', 'promise', 'abort']) {
    cli.forget()
    expect(await statusLineOf(Number(port), user)).toBe('SIP/2.0 200 OK')
    await cli.says(/thrown where nobody catches: /)
  }
  cli.kill('SIGTERM')
  expect((await cli.finished).code).toBe(0)
})
