import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { registrar, reject, uasOnUdp } from '@signalbox/core/testing'
import { Store } from '../../packages/core/src/store/store.ts'
import { runCli, startCli } from './cli-process.ts'
import { anyPort, routes, tempProject } from './temp-project.ts'

const usingTrunks = `import { onRequest } from '@signalbox/dsl'

onRequest(({ req, uac, reply }) => reply(uac.reg.lookup(req.ruri.user) ? 486 : 404))
`

function open(dir: string): Store {
  const silent = { info: () => undefined, warn: () => undefined }
  const store = new Store({ kind: 'sqlite', file: path.join(dir, 'signalbox.db') }, silent)
  onTestFinished(() => store.close())
  return store
}

function insert({ sql }: Store, uuid: string, address: string, account = 'ralice'): Promise<unknown> {
  return sql`insert into uacreg (l_uuid, l_username, l_domain, r_username, r_domain, auth_username, auth_password, auth_proxy, expires)
    values (${uuid}, 'alice', 'x', ${account}, 'carrier.example', ${account}, 's3cret', ${`sip:${address}`}, 600)`
}

/** A proxy with two trunks: one that is taken and one that is refused. */
async function running() {
  const dir = await tempProject({ 'signalbox.config.ts': anyPort, 'routes/main.ts': routes() })
  await runCli(['db', 'init', dir])
  const store = open(dir)
  for (const [uuid, behaviour] of [
    ['office', registrar()],
    ['shop', reject(403)],
  ] as const) {
    const carrier = await uasOnUdp('127.0.0.1:0', behaviour)
    onTestFinished(() => carrier.close())
    await insert(store, uuid, carrier.agent.address)
  }
  const cli = startCli(['start', dir])
  const [, admin] = await cli.says(/admin on (?:http:\/\/)?(127\.0\.0\.1:\d+)/)
  await cli.says(/trunk office: registering → registered for 600 s/)
  await cli.says(/trunk shop: registering → failed: 403 Forbidden/)
  return { dir, store, cli, admin: admin! }
}

test('trunks: a table of them, as JSON too, and explain says what to change', async () => {
  const { cli, admin } = await running()
  const { code, stdout } = await runCli(['trunks', '--admin', admin])
  const [head, office, shop, why] = stdout.split('\n')
  expect(code).toBe(0)
  expect(head).toMatch(/^trunk +state +account +expires in +last answer +next attempt +realm$/)
  expect(office).toMatch(/^office +registered +ralice@carrier\.example +\d+ s +200 OK +\d+ s +-$/)
  expect(shop).toMatch(/^shop +failed +ralice@carrier\.example +- +403 Forbidden +\d+ s +-$/)
  expect(why).toBe('shop: 403 Forbidden')

  const json = await runCli(['trunks', '--json', '--admin', admin])
  expect((JSON.parse(json.stdout) as { l_uuid: string }[]).map(({ l_uuid }) => l_uuid)).toEqual(['office', 'shop'])
  expect(json.stdout).not.toContain('s3cret')

  const explained = await runCli(['trunks', 'explain', 'shop', '--admin', admin])
  expect(explained.stdout).toMatch(/^shop: failed\n.*is not registered\. Why: 403 Forbidden\..*\n.*carrier forbids it/)
  const asJson = await runCli(['trunks', 'explain', 'office', '--json', '--admin', admin])
  expect(JSON.parse(asJson.stdout)).toMatchObject({ uuid: 'office', state: 'registered', advice: '' })
  expect(await runCli(['trunks', 'explain', 'nobody', '--admin', admin])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no trunk nobody'),
  })
  expect(await runCli(['trunks', 'explain'])).toMatchObject({ code: 2 })
  cli.kill('SIGTERM')
  expect((await cli.finished).code).toBe(0)
})

test('trunks --watch looks again every second, until it is ended', async () => {
  const { store, cli, admin } = await running()
  const watch = startCli(['trunks', '--watch', '--admin', admin])
  await watch.says(/office +registered[^]*shop: 403 Forbidden/)
  watch.forget()
  await watch.says(/office +registered[^]*shop: 403 Forbidden/)
  await store.sql`delete from uacreg where l_uuid = 'shop'`
  await runCli(['ctl', 'uac.reg_reload', '--admin', admin])
  await watch.says(/office +registered.*\ntrunk +state/)
  await store.sql`alter table uacreg rename to uacreg_old`
  await runCli(['ctl', 'uac.reg_reload', '--admin', admin])
  await watch.says(/office +registered.*\nthe table uacreg cannot be read.*no table uacreg any more/)
  watch.kill('SIGINT')
  // By the signal, as every command that a person ends.
  expect(await watch.finished).toMatchObject({ code: null, stderr: '' })
  cli.kill('SIGTERM')
  await cli.finished
}, 30_000)

test('Case 73: a stop says how many trunks it could not withdraw in time', async () => {
  const config = `export default { listen: ['udp:127.0.0.1:0'], admin: { listen: '127.0.0.1:0' }, drain: { timeout: 500 },
  uac: { registration: { unregisterOnStop: true } } }\n`
  const dir = await tempProject({ 'signalbox.config.ts': config, 'routes/main.ts': routes() })
  await runCli(['db', 'init', dir])
  const store = open(dir)
  const books = registrar()
  const carrier = await uasOnUdp('127.0.0.1:0', (incoming) => {
    // It falls silent when it is to forget two of the three.
    const wire = incoming.request.toWire()
    if (!/Expires: 0\r/.test(wire) || wire.includes('sip:r1@')) books(incoming)
  })
  onTestFinished(() => carrier.close())
  for (const number of [1, 2, 3]) await insert(store, `u${number}`, carrier.agent.address, `r${number}`)
  const cli = startCli(['start', dir])
  for (const number of [1, 2, 3]) await cli.says(new RegExp(`trunk u${number}: registering → registered`))
  cli.kill('SIGTERM')
  const { code, stderr, stdout } = await cli.finished
  expect([code, books.bindings.size]).toEqual([0, 2])
  expect(stdout + stderr).toContain(
    '2 trunks could not be withdrawn: their carriers send calls here until that expires',
  )
})

test.each([
  ['a route uses trunks', usingTrunks, 'degraded\n', true],
  ['no route does', routes(), 'ok\n', false],
])(
  'a start without the table says so, and health tells of it where %s',
  async (_, source, health, isWarned) => {
    const dir = await tempProject({ 'signalbox.config.ts': anyPort, 'routes/main.ts': source })
    await runCli(['db', 'init', dir])
    const store = open(dir)
    await store.sql`drop table uacreg`
    const cli = startCli(['start', dir])
    const [, admin] = await cli.says(/admin on (?:http:\/\/)?(127\.0\.0\.1:\d+)/)
    const [line] = await cli.says(/^.*the database has no table uacreg.*$/m)
    expect(/warn/i.test(line)).toBe(isWarned)
    const { stdout } = await runCli(['trunks', '--admin', admin!])
    expect(stdout).toBe('no trunks: the database has no table uacreg (signalbox db init makes it)\n')
    const ready = await fetch(`http://${admin!}/health/ready`)
    expect([ready.status, await ready.text()]).toEqual([200, health])
    await runCli(['db', 'init', dir])
    await runCli(['ctl', 'uac.reg_reload', '--admin', admin!])
    expect((await runCli(['trunks', '--admin', admin!])).stdout).toBe('no trunks: the table uacreg has no rows\n')
    expect(await (await fetch(`http://${admin!}/health/ready`)).text()).toBe('ok\n')
    cli.kill('SIGTERM')
    await cli.finished
  },
  30_000,
)

test('a proxy without a database file makes none by looking for trunks', async () => {
  const dir = await tempProject({ 'signalbox.config.ts': anyPort, 'routes/main.ts': routes() })
  const cli = startCli(['start', dir])
  const [, admin] = await cli.says(/admin on (?:http:\/\/)?(127\.0\.0\.1:\d+)/)
  expect(await runCli(['trunks', '--admin', admin!])).toEqual({
    code: 0,
    stdout: 'no trunks: there is no database file (signalbox db init makes it)\n',
    stderr: '',
  })
  cli.kill('SIGTERM')
  await cli.finished
  await expect(import('node:fs/promises').then(({ stat }) => stat(path.join(dir, 'signalbox.db')))).rejects.toThrow(
    'ENOENT',
  )
})

test('what the carrier says gives the terminal no orders', async () => {
  const { store, cli, admin } = await running()
  const realm = '\u001B]0;mine\u0007'
  const behaviour = reject(401, { 'WWW-Authenticate': `Digest realm="${realm}", nonce="1"` })
  const carrier = await uasOnUdp('127.0.0.1:0', behaviour)
  onTestFinished(() => carrier.close())
  await store.sql`update uacreg set realm = 'other', auth_proxy = ${`sip:${carrier.agent.address}`}`
  await runCli(['ctl', 'uac.reg_reload', '--admin', admin])
  await cli.says(/trunk shop: .*realms do not match/)
  const [table, explained] = [
    await runCli(['trunks', '--admin', admin]),
    await runCli(['trunks', 'explain', 'shop', '--admin', admin]),
  ]
  expect(table.stdout).toContain('\uFFFD]0;mine\uFFFD')
  // eslint-disable-next-line no-control-regex
  expect(table.stdout + explained.stdout).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/)
  cli.kill('SIGTERM')
  await cli.finished
})

test('a token that no header can carry is what is wrong, and no proxy that does not answer', async () => {
  const args = ['trunks', '--admin', '127.0.0.1:9']
  const { code, stderr } = await runCli(args, { SIGNALBOX_ADMIN_TOKEN: 'sec\nret' })
  expect(code).toBe(1)
  expect(stderr).toMatch(/SIGNALBOX_ADMIN_TOKEN: expected a token of ASCII letters.*\(not shown\)/)
  expect(stderr).not.toMatch(/sec|no proxy/)
})
