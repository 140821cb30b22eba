/** Kamailio's own tables as they stand: trunks in the versions of `uacreg` that its releases have had, and the registrar in its `location`. */
import { registrar, simulate } from '@signalbox/core/testing'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { parseDatabaseAddress } from '../../packages/core/src/store/address.ts'
import { createTables } from '../../packages/core/src/store/create-tables.ts'
import { Store } from '../../packages/core/src/store/store.ts'
import { locationTests } from '../../packages/core/src/testing/location-tests.ts'
import { createKamailioTables, hasScripts, setTrunkVersion } from './kamailio-tables.ts'
import type { MariaDb } from './mariadb.ts'
import { Peers } from './peers.ts'

const silent = { info: () => undefined, warn: () => undefined }
const REGISTRAR = '127.0.0.2:5060'

const peers = new Peers()
let server: MariaDb
let admin: Store
let made = 0

beforeAll(async () => {
  server = await peers.mariadb()
  admin = new Store(parseDatabaseAddress(server.url, '/')!, silent)
})
afterAll(async () => {
  await admin.close()
  await peers.close()
})

/** A database of its own with Kamailio's tables. */
async function opened(): Promise<{ store: Store; url: string }> {
  const name = `kamailio_${++made}`
  await admin.database.query(`create database ${name}`, [])
  const url = server.url.replace(/kamailio$/, name)
  const store = new Store(parseDatabaseAddress(url, '/')!, silent)
  onTestFinished(() => store.close())
  await createKamailioTables(store)
  return { store, url }
}

/** Both INSERTs that are in circulation: 14 values up to version 3, 15 with the socket. */
async function insert({ sql }: Store, version: number): Promise<void> {
  if (version === 3) {
    await sql`insert into uacreg values (null, 'u1', 'alice', 'x', 'ralice', '127.0.0.2', '', 'ralice', 'p', '',
      'sip:127.0.0.2:5060', 60, 0, 0)`
  } else if (version === 4) {
    await sql`insert into uacreg values (null, 'u1', 'alice', 'x', 'ralice', '127.0.0.2', '', 'ralice', 'p', '',
      'sip:127.0.0.2:5060', 60, 0, 0, '')`
  } else {
    await sql`insert into uacreg (l_uuid, l_username, l_domain, r_username, r_domain, auth_username, auth_password, auth_proxy, expires,
      contact_addr) values ('u1', 'alice', 'x', 'ralice', '127.0.0.2', 'ralice', 'p', 'sip:127.0.0.2:5060', 60, '192.0.2.9:5062')`
  }
}

test.each([
  [3, ['socket', 'contact_addr', 'contact_user']],
  [4, ['contact_addr', 'contact_user']],
  [5, ['contact_user']],
  [6, []],
])(
  'Case 68: a table of version %i works as it stands; a newer column that it lacks is a warning',
  async (version, lacking) => {
    const { store, url } = await opened()
    await setTrunkVersion(store, version)
    await insert(store, version)
    const before = await store.sql`select column_name as name from information_schema.columns
    where table_schema = database() and table_name = 'uacreg' order by ordinal_position`
    const net = await simulate({
      routes: 'test/scenarios/routes/trunks.ts',
      registration: { interval: 30 },
      database: url,
    })
    const uas = net.uas(REGISTRAR, registrar())
    await net.advance('2s')
    const trunk = net.stack.trunks!.get('u1')!
    expect([trunk.state, trunk.reason]).toEqual(['registered', ''])
    expect(uas.requests('REGISTER')[0]!.toWire()).toContain(
      version < 5 ? '<sip:u1@127.0.0.1:5080;' : '<sip:u1@192.0.2.9:5062;',
    )
    const warnings = net.log.filter(({ level }) => level === 'warn').map(({ message }) => message)
    const older = `the table uacreg is of version ${version}: it has no ${lacking.join(', ')}, and works without`
    expect(warnings).toEqual(lacking.length === 0 ? [] : [older])

    await store.sql`update uacreg set expires = 120`
    await net.advance('31s')
    expect(trunk.granted).toBe(120)
    await store.sql`delete from uacreg`
    await net.advance('31s')
    expect([net.stack.trunks!.size, net.stack.trunks!.withdrawing]).toEqual([0, 0])
    const after = await store.sql`select column_name as name from information_schema.columns
    where table_schema = database() and table_name = 'uacreg' order by ordinal_position`
    expect(after).toEqual(before)
  },
)

test('db init finds Kamailio’s tables and leaves them as they are', async () => {
  const { store, url } = await opened()
  const before = await store.sql`show create table uacreg`
  const reports = await createTables(parseDatabaseAddress(url, '/')!)
  const uacreg = hasScripts ? 5 : 6
  expect(reports.map(({ name, created, version }) => [name, created, version])).toEqual([
    ['version', false, 1],
    ['uacreg', false, uacreg],
    ['location', false, 9],
    ['subscriber', false, 7],
  ])
  expect(await store.sql`show create table uacreg`).toEqual(before)
})

describe('the registrar in Kamailio’s location', () => {
  locationTests(async () => (await opened()).store)
})
