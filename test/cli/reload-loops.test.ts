/** Loops that only the main thread comes to: the reload is refused, and the next good one works. Nothing of RFC 3261 is asked here. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { runCli, startCli } from './cli-process.ts'
import { statusLineOf } from './options-request.ts'
import { routes, tempProject } from './temp-project.ts'

const config = `export default {
  listen: ['udp:127.0.0.1:0'],
  admin: { listen: '127.0.0.1:0' },
  handlers: { cpu: 60 },
}
`

const bad = (what: string) => `import { isMainThread } from 'node:worker_threads'
import { onLoad } from '@signalbox/dsl'
${routes('Bad')}
let turns = 0
function spin(): never {
  for (;;) turns++
}
${what}
`

const loops: [what: string, refusal: RegExp][] = [
  ['if (isMainThread) spin()', /routes\/main\.ts:9:\d+: the top level ran longer than handlers\.cpu allows/],
  ['void Promise.resolve().then(spin)', /routes\/main\.ts:9:\d+: the top level ran longer than handlers\.cpu allows/],
  ['onLoad(() => void Promise.resolve().then(spin))', /routes\/main\.ts:9:\d+: onLoad ran longer than handlers\.cpu/],
  ['onLoad(() => spin())', /routes\/main\.ts:9:\d+: onLoad ran longer than handlers\.cpu allows/],
]

test('in the main thread, after an await, in onLoad: refused with its line', { timeout: 60_000 }, async () => {
  const dir = await tempProject({ 'signalbox.config.ts': config, 'routes/main.ts': routes() })
  const cli = startCli(['start', dir])
  const [, port, admin] = await cli.says(/listening on udp:127\.0\.0\.1:(\d+); admin on (127\.0\.0\.1:\d+)/)
  const reload = (text: string) =>
    writeFile(path.join(dir, 'routes/main.ts'), text).then(() => runCli(['ctl', 'routes.reload', '--admin', admin!]))
  for (const [what, refusal] of loops) {
    expect([what, await reload(bad(what))]).toEqual([
      what,
      expect.objectContaining({ code: 1, stderr: expect.stringMatching(refusal) as string }),
    ])
    expect(await statusLineOf(Number(port))).toBe('SIP/2.0 403 No trunk')
  }
  expect((await reload(routes('Mended'))).code).toBe(0)
  expect(await statusLineOf(Number(port))).toBe('SIP/2.0 403 Mended')
})
