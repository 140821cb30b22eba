/** The registrar with real phones, a real database, and the admin port. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { parseDatabaseAddress } from '../../packages/core/src/store/address.ts'
import { tables } from '../../packages/core/src/store/schema.ts'
import { Store } from '../../packages/core/src/store/store.ts'
import { locationTests } from '../../packages/core/src/testing/location-tests.ts'
import type { MariaDb } from './mariadb.ts'
import { openPeers, Peers } from './peers.ts'
import { freeBaresipPort } from './ports.ts'
import type { Signalbox } from './signalbox.ts'
import { until } from './wait.ts'

const routes = `import { onRequest } from '@signalbox/dsl'

onRequest(async ({ req, registrar, relay, reply }) => {
  if (req.method === 'REGISTER') return registrar.save()
  if (await registrar.lookup()) return relay()
  reply(404)
})
`

describe('the table in MariaDB', () => {
  const peers = new Peers()
  let server: MariaDb
  beforeAll(async () => {
    server = await peers.mariadb()
  })
  afterAll(() => peers.close())

  locationTests(async () => {
    const silent = { info: () => undefined, warn: () => undefined }
    const store = new Store(parseDatabaseAddress(server.url, '/')!, silent)
    onTestFinished(() => store.close())
    for (const { name } of tables) await store.database.query(`drop table if exists ${name}`, [])
    return store
  })
})

interface Contact {
  Address: string
  Expires: number
  'User-Agent': string
}

/** What \`ul.dump\` says, by address-of-record. */
async function dump({ adminPort }: Signalbox): Promise<Record<string, Contact[]>> {
  const answer = await fetch(`http://127.0.0.1:${adminPort}/rpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"jsonrpc":"2.0","id":1,"method":"ul.dump"}',
  })
  const { result } = (await answer.json()) as { result: Dump }
  const { AoRs } = result.Domains[0]!.Domain
  return Object.fromEntries(AoRs.map(({ Info }) => [Info.AoR, Info.Contacts.map(({ Contact }) => Contact)]))
}

interface Dump {
  Domains: { Domain: { AoRs: { Info: { AoR: string; Contacts: { Contact: Contact }[] } }[] } }[]
}

test('RFC 3261 §10.3: baresip registers, is called, outlives a restart of the proxy, and takes itself off', async () => {
  const peers = openPeers()
  const ports = { alice: await freeBaresipPort(), bob: await freeBaresipPort() }
  const database = `sqlite:${peers.folder('database')}/location.db`
  const before = await peers.signalbox(routes, { database })
  const bob = await peers.baresip('bob', ports.bob, before.port, 600)
  // Not by baresip's event: it registers at once, often before its control port has been dialled, and then the event is nobody's.
  await until('bob is registered', async () => (await before.metric('signalbox_location_contacts')) === 1)
  const dumped = await dump(before)
  expect(Object.keys(dumped)).toEqual(['bob@127.0.0.1'])
  expect(dumped['bob@127.0.0.1']).toEqual([
    expect.objectContaining({ Address: expect.stringContaining(`@127.0.0.1:${ports.bob}`) as string }),
  ])
  expect(dumped['bob@127.0.0.1']![0]!.Expires).toBeGreaterThan(590)
  expect(dumped['bob@127.0.0.1']![0]!['User-Agent']).toMatch(/baresip/)
  await before.stop(['SIGTERM'])

  const proxy = await peers.signalbox(routes, { database, listen: [`udp:127.0.0.1:${before.port}`] })
  expect(Object.keys(await dump(proxy))).toEqual(['bob@127.0.0.1'])
  const alice = await peers.baresip('alice', ports.alice, before.port)
  alice.command('dial', 'sip:bob@127.0.0.1')
  await Promise.all([alice.event('CALL_ESTABLISHED'), bob.event('CALL_ESTABLISHED')])
  await Promise.all([alice.event('CALL_RTPESTAB'), bob.event('CALL_RTPESTAB')])
  alice.command('hangup')
  await bob.event('CALL_CLOSED')
  bob.command('quit')
  await until('bob is gone', async () => (await proxy.metric('signalbox_location_contacts')) === 0)
})
