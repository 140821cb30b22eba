/** Trunks from a real MariaDB at a real Kamailio with usrloc and auth, seen in its location table; the database is killed and started again. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseDatabaseAddress } from '../../packages/core/src/store/address.ts'
import { Store } from '../../packages/core/src/store/store.ts'
import { createKamailioTables } from './kamailio-tables.ts'
import { openPeers, outcome, type Peers } from './peers.ts'
import { freeUdpPort } from './ports.ts'
import { bound, rpc, statesOf, type Bound } from './registrations.ts'
import { until } from './wait.ts'

const config = join(import.meta.dirname, 'kamailio', 'registrar.cfg')
const TRUNKS = 20

const routes = `import { onFailure, onRequest } from '@signalbox/dsl'

onRequest(({ req, uac, relay, reply }) => {
  const trunk = uac.reg.lookup(req.ruri.user)
  if (trunk) {
    req.ruri = trunk.localUri
    return relay()
  }
  if (uac.reg.requestTo(req.from.uri.user, { by: 'uuid' })) return relay({ onFailure: 'REMOTE_AUTH' })
  reply(403, 'No trunk')
})

onFailure('REMOTE_AUTH', ({ res, uac, relay }) => {
  if ((res.status === 401 || res.status === 407) && uac.auth()) relay()
})
`

/** Program 2 of the product contract, word for word. */
const registeredAtCarrier = readFileSync(
  join(import.meta.dirname, '..', 'scenarios', 'routes', 'registered-at-carrier.ts'),
  'utf8',
)

async function carrier(peers: Peers) {
  const [port, target] = [await freeUdpPort(), await freeUdpPort()]
  const socket = join(peers.folder('ctl'), 'kamailio.sock')
  await peers.kamailio(config, { port, target }, [`CTLSOCKET="unix:${socket}"`])
  return { port, target, socket }
}

async function tables(url: string): Promise<Store & { url: string }> {
  const address = parseDatabaseAddress(url, '/')!
  const store = new Store(address, { info: () => undefined, warn: () => undefined })
  onTestFinished(() => store.close())
  await createKamailioTables(store)
  return Object.assign(store, { url })
}

function insert({ sql }: Store, number: number, port: number): Promise<unknown> {
  return sql`insert into uacreg (l_uuid, l_username, l_domain, r_username, r_domain, realm, auth_username, auth_password, auth_proxy, expires)
    values (${`u${number}`}, ${`l${number}`}, ${'127.0.0.1'}, ${`r${number}`}, ${'127.0.0.1'}, ${'carrier.example'}, ${`r${number}`},
      ${'secret'}, ${`sip:127.0.0.1:${port}`}, ${600})`
}

function callIds(list: readonly Bound[]): Map<string, string> {
  return new Map(list.map(({ account, callId }) => [account, callId]))
}

test('20 trunks of MariaDB are in the location table; a reload touches one row each; the database dies and comes back', async () => {
  const peers = openPeers()
  const { port, socket } = await carrier(peers)
  const database = await peers.mariadb()
  const store = await tables(database.url)
  for (let i = 1; i <= TRUNKS; i++) await insert(store, i, port)
  const registration = { interval: 1, unregisterOnStop: true }
  const proxy = await peers.signalbox(routes, { database: database.url, uac: { registration } })
  const { adminPort } = proxy

  await until('all are registered', async () => {
    const states = await statesOf(adminPort)
    return states.length === TRUNKS && states.every((state) => state === 'registered')
  })
  expect(await proxy.metrics()).toContain(`signalbox_trunks{state="registered"} ${TRUNKS}\n`)
  expect(await rpc(adminPort, 'core.status')).toMatchObject({
    trunks: { total: TRUNKS, registered: TRUNKS, failed: 0 },
  })
  const before = bound(socket)
  expect(before).toHaveLength(TRUNKS)
  expect(callIds(before).size).toBe(TRUNKS)
  expect(before.every(({ callId }) => callId !== '')).toBe(true)

  await store.sql`update uacreg set expires = 300 where l_uuid = 'u7'`
  await store.sql`delete from uacreg where l_uuid = 'u8'`
  await rpc(adminPort, 'uac.reg_reload')
  await until('both changes have arrived', () => {
    const list = bound(socket)
    return list.length === TRUNKS - 1 && list.some(({ account, expires }) => account === 'r7' && expires <= 300)
  })
  const after = bound(socket)
  for (const [account, callId] of callIds(after)) expect(callId).toBe(callIds(before).get(account))
  expect(after.filter(({ expires }) => expires > 300)).toHaveLength(TRUNKS - 2)

  await database.kill()
  await until('it is noticed', async () => (await proxy.health()) === 'degraded')
  expect((await statesOf(adminPort)).every((state) => state === 'registered')).toBe(true)
  await expect(rpc(adminPort, 'uac.reg_reload')).rejects.toThrow(/stays as it was/)
  await database.start()
  await until('it is back', async () => (await proxy.health()) !== 'degraded', { timeout: 20_000 })
  await until('a row can be added', () =>
    insert(store, 8, port).then(
      () => true,
      () => false,
    ),
  )
  await until('it is found by itself', () => bound(socket).length === TRUNKS, { timeout: 20_000 })
  expect(proxy.output).not.toContain('secret')

  proxy.signal('SIGTERM')
  expect(await proxy.exited).toBe(0)
  expect(bound(socket)).toEqual([])
}, 120_000)

test('a database that is away at the start: the proxy serves, health says so, and the trunks come with it', async () => {
  const peers = openPeers()
  const { port, socket } = await carrier(peers)
  const database = await peers.mariadb()
  const store = await tables(database.url)
  await insert(store, 1, port)
  await database.kill()
  const proxy = await peers.signalbox(routes, { database: database.url, uac: { registration: { interval: 2 } } })
  await until('it is told', async () => (await proxy.health()) === 'degraded')
  await until('it stands in the log', () => proxy.output.includes('the trunks stay as they are'))
  expect(await rpc(proxy.adminPort, 'uac.reg_dump')).toEqual([])
  await database.start()
  await until('it is registered', () => bound(socket).length === 1, { timeout: 30_000 })
}, 90_000)

test('Case 71: calls in both directions by program 2, with Kamailio between and a phone that registers here', async () => {
  const peers = openPeers()
  const { port, target, socket } = await carrier(peers)
  const far = await peers.uas('uas_check', target)
  const store = await tables((await peers.mariadb()).url)
  const localPhone = await freeUdpPort()
  const near = await peers.uas('uas_check', localPhone)
  await insert(store, 1, port)
  // Who calls out is named so by SIPp.
  await store.sql`update uacreg set l_uuid = 'sipp'`
  const proxy = await peers.signalbox(registeredAtCarrier, { database: store.url })
  await until('it is registered', () => bound(socket).length === 1)
  const phone = await peers.phone()
  const register = phone.request('REGISTER', 'local-phone', proxy.port)
  await phone.send(
    register
      .replace(/^To: .*$/m, 'To: <sip:l1@127.0.0.1>')
      .replace(/^Contact: .*$/m, `Contact: <sip:l1@127.0.0.1:${localPhone}>`),
    proxy.port,
  )
  expect(await phone.receive('200')).toContain(`<sip:l1@127.0.0.1:${localPhone}>;expires=`)
  const all = { successful: 20, failed: 0, reasons: {} }
  const inbound = await peers.uac('uac_check', port, { calls: 20, rate: 20, service: 'r1' })
  expect(await outcome(inbound, near)).toMatchObject({ uac: all, uas: all })
  const outbound = await peers.uac('uac_check', proxy.port, { calls: 20, rate: 20, service: '4930123' })
  expect(await outcome(outbound, far)).toMatchObject({ uac: all, uas: all })
}, 60_000)
