/** A reload reads the config again: part of it goes live with the routes, the rest is named and waits for the next start. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runCli, startCli } from './cli-process.ts'
import { statusLineOf } from './options-request.ts'
import { routes, tempProject } from './temp-project.ts'

const config = (keys = '') =>
  `export default { listen: ['udp:127.0.0.1:0'], admin: { listen: '127.0.0.1:0' }, ${keys} }\n`

async function running(text = routes(), command = 'start') {
  const dir = await tempProject({ 'signalbox.config.ts': config(), 'routes/main.ts': text })
  const cli = startCli([command, dir])
  const [, port, admin] = await cli.says(/listening on udp:127\.0\.0\.1:(\d+).*admin on (127\.0\.0\.1:\d+)/)
  const configure = (text: string) => writeFile(path.join(dir, 'signalbox.config.ts'), text)
  const reload = () => runCli(['reload', dir, '--admin', admin!, '--no-check', '--json'])
  return { dir, cli, port: Number(port), admin: admin!, configure, reload }
}

/** Answers 200 to who knows the password, whatever it is. */
async function carrier(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  socket.on('message', (bytes, { port, address }) => {
    const request = bytes.toString()
    if (!request.startsWith('OPTIONS')) return
    const status = /^Authorization: .*username="u"/m.test(request) ? '200 OK' : '401 Unauthorized'
    const kept = request.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line))
    const challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", algorithm=MD5, qop="auth"'
    socket.send([`SIP/2.0 ${status}`, ...kept, challenge, 'Content-Length: 0', '\r\n'].join('\r\n'), port, address)
  })
  return socket.address().port
}

test('credentials go live with the reload', async () => {
  const to = `sip:127.0.0.1:${await carrier()}`
  const { port, configure, reload } = await running(`import { onFailure, onRequest } from '@signalbox/dsl'
onRequest(({ relay }) => relay({ to: '${to}', onFailure: 'AUTH' }))
onFailure('AUTH', ({ uac, relay }) => {
  if (uac.auth()) relay()
})
`)
  expect(await statusLineOf(port)).toBe('SIP/2.0 401 Unauthorized')
  await configure(config(`uac: { credentials: [{ realm: 'r', username: 'u', password: 'very-secret' }] }`))
  const { code, stdout, stderr } = await reload()
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({ number: 2, restart: [] })
  expect(await statusLineOf(port)).toBe('SIP/2.0 200 OK')
})

test('so does handlers.deadline', async () => {
  const { dir, configure, reload } = await running()
  await configure(config(`handlers: { deadline: '150ms' }`))
  const hangs = `import { onLoad } from '@signalbox/dsl'\n${routes()}onLoad(() => new Promise(() => {}))\n`
  await writeFile(path.join(dir, 'routes/main.ts'), hangs)
  expect((await reload()).stderr).toContain('onLoad did not end within handlers.deadline, 150 ms')
})

test('and the level of the log, at once', async () => {
  const text = `import { onRequest } from '@signalbox/dsl'
onRequest(({ log, reply }) => {
  log.debug('looked at closely')
  reply(403)
})
`
  const { cli, port, configure, reload } = await running(text)
  await statusLineOf(port)
  await configure(config(`log: { level: 'debug' }`))
  await reload()
  await cli.says(/live: generation 2/)
  await statusLineOf(port)
  await cli.says(/looked at closely/)
  cli.kill('SIGTERM')
  expect((await cli.finished).stdout.match(/looked at closely/g)).toHaveLength(1)
})

test('the route file, where another one is named', async () => {
  const { dir, port, configure, reload } = await running()
  await writeFile(path.join(dir, 'other.ts'), routes('Other'))
  await configure(config(`routes: './other.ts'`))
  expect(await reload()).toMatchObject({ code: 0 })
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Other')
})

test('a drain timeout', async () => {
  const { cli, configure, reload, port } = await running(`import { onRequest } from '@signalbox/dsl'
onRequest(async ({ log }) => {
  log.info('it hangs')
  await new Promise(() => {})
})
`)
  await configure(config(`drain: { timeout: '100ms' }`))
  await reload()
  const answer = statusLineOf(port)
  await cli.says(/it hangs/)
  cli.kill('SIGTERM')
  expect(await answer).toBe('SIP/2.0 503 Shutting Down')
  await cli.says(/drained for 100 ms/)
  expect((await cli.finished).code).toBe(0)
})

test('what needs a restart is named, in the answer and in the log, and the routes are live all the same', async () => {
  const { dir, cli, port, admin, configure, reload } = await running()
  const keys = `database: 'mysql://u:very-secret@127.0.0.1:1/k', timers: { t1: 400 }`
  await configure(config(keys).replace("'udp:127.0.0.1:0'", "'udp:127.0.0.1:5999'"))
  await writeFile(path.join(dir, 'routes/main.ts'), routes('Changed'))
  const { stdout } = await reload()
  expect((JSON.parse(stdout) as { restart: string[] }).restart.sort()).toEqual(['database', 'listen', 'timers.t1'])
  await cli.says(/"warn".*changed in the config, takes effect at the next start: listen, database, timers\.t1/)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Changed')
  await configure(config(`timers: { t1: 400 }`))
  const text = await runCli(['reload', dir, '--admin', admin, '--no-check'])
  expect(text.stdout).toMatch(/^live generation 3 \(\w+\)\ntimers\.t1 changed: takes effect at the next start\n$/)
  await configure(config())
  expect(JSON.parse((await reload()).stdout)).toMatchObject({ number: 4, restart: [] })
  cli.kill('SIGTERM')
  const written = await cli.finished
  expect(written.stdout + written.stderr).not.toContain('very-secret')
})

test('a config that is wrong refuses the reload, nothing changes, and the next good one is taken', async () => {
  const { dir, cli, port, configure, reload } = await running()
  await writeFile(path.join(dir, 'routes/main.ts'), routes('Changed'))
  await configure(config(`drain: { timeout: 'soon' }, uac: { restorePassword: 12345678 }`))
  const { code, stderr } = await reload()
  expect(code).toBe(1)
  expect(stderr).toMatch(/signalbox\.config\.ts: drain\.timeout: expected milliseconds.*, found "soon"/)
  expect(stderr).not.toContain('12345678')
  await cli.says(/reload refused: .*drain\.timeout: expected milliseconds.*found \\"soon\\".*\(and 1 more\)/)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 No trunk')
  await configure('export default {\n  listen: [}\n')
  cli.kill('SIGHUP')
  await cli.says(/reload refused: .*signalbox\.config\.ts:2:12: Unexpected/)
  await configure(config())
  expect(await reload()).toMatchObject({ code: 0 })
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 Changed')
})

test.each([
  ['loops', 'while (true) {}', /signalbox\.config\.ts: Error: did not end within 3000 ms/],
  [
    'ends the process',
    'process.exit(3)',
    /signalbox\.config\.ts: Error: did not end within 3000 ms, or ended the process/,
  ],
  ['throws', '\nthrow new Error("not today")', /signalbox\.config\.ts:2:7: Error: not today/],
  [
    'holds a function',
    'export default { listen: [() => 1] }',
    /expected plain data as default export: \(\) => 1 could not be cloned/,
  ],
  ['exports nothing', 'export const x = 1', /default export: expected an object.*, found nothing/],
])('a config that %s stops no call', async (_, text, complaint) => {
  const { port, configure, reload } = await running()
  await configure(`${text}\n`)
  const refused = reload()
  const answers = await Promise.all(Array.from({ length: 20 }, () => statusLineOf(port)))
  expect(new Set(answers)).toEqual(new Set(['SIP/2.0 403 No trunk']))
  const { code, stderr } = await refused
  expect(code).toBe(1)
  expect(stderr).toMatch(complaint)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 No trunk')
  await configure(config())
  expect(await reload()).toMatchObject({ code: 0 })
})

test('dev takes on a config that was saved, shows what is wrong with one, and what waits for a restart', async () => {
  const { cli, port, configure } = await running(routes(), 'dev')
  await cli.says(/live: generation 1 /)
  await configure(config(`drain: { timeout: 'soon' }`))
  await cli.says(/signalbox\.config\.ts: drain\.timeout: expected milliseconds/)
  await cli.says(/the generation before stays live/)
  await configure(config(`drain: { timeout: 1 }, timers: { t1: 400 }`))
  await cli.says(/live: generation 2 \(\w+\)\ntimers\.t1 changed: takes effect at the next start\n/)
  expect(await statusLineOf(port)).toBe('SIP/2.0 403 No trunk')
})

test('a config that waits for a program is refused, and the next reload taken, before that program ends', async () => {
  const { dir, configure, reload } = await running()
  const marker = path.join(dir, 'ended')
  const command = `sleep 9; touch ${marker}`
  await configure(
    `import { execSync } from 'node:child_process'\nexport default { aliases: [execSync('${command}')] }\n`,
  )
  expect((await reload()).stderr).toContain('did not end within 3000 ms')
  await configure(config())
  expect([(await reload()).code, existsSync(marker)]).toEqual([0, false])
})
