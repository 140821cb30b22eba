/** Program 5 of the product contract, word for word, over UDP with MariaDB: good calls, a held query, and a server that goes away. */
import { createConnection, type Connection } from 'mysql2/promise'
import { expect, onTestFinished, test } from 'vitest'
import { parseDatabaseAddress } from '../../packages/core/src/store/address.ts'
import { createTables } from '../../packages/core/src/store/create-tables.ts'
import { callerAnswers, carrierDialogs } from './dialogs.ts'
import { checkDigests } from './digest.ts'
import type { MariaDb } from './mariadb.ts'
import { openPeers, outcome, type Peers } from './peers.ts'
import { answer, type Phone } from './phone.ts'
import { freeUdpPort } from './ports.ts'
import { program, workers, type Signalbox } from './signalbox.ts'
import { cseq } from './sipp-trace.ts'
import { until } from './wait.ts'

const CHALLENGE = 'Proxy-Authenticate: Digest realm="carrier.example", nonce="n1", algorithm=MD5'
const all = { successful: 100, failed: 0, reasons: {} }

/** With the accounts of SIPp and of the phone. */
async function filled(peers: Peers): Promise<{ server: MariaDb; admin: Connection }> {
  const server = await peers.mariadb()
  await createTables(parseDatabaseAddress(server.url, '/')!)
  const { port, password } = server
  const admin = await createConnection({ host: '127.0.0.1', port, user: 'kamailio', password, database: 'kamailio' })
  admin.on('error', () => undefined)
  onTestFinished(() => admin.destroy())
  for (const user of ['sipp', 'phone'])
    await admin.execute(
      `insert into uacreg (l_uuid, l_username, auth_username, auth_password) values (?, ?, 'test', 'test')`,
      [user, user],
    )
  return { server, admin }
}

async function proxyOf(peers: Peers, server: MariaDb, carrier: number): Promise<Signalbox> {
  const proxy = await peers.signalbox(program('database-credentials', carrier), { database: server.url })
  await until('the database is there', async () => (await proxy.health()) === 'ok')
  return proxy
}

/** A call up to the challenge, which makes the route ask. */
async function challenged(caller: Phone, carrier: Phone, proxy: Signalbox, callId: string): Promise<string> {
  const invite = caller.request('INVITE', callId, proxy.port)
  await caller.send(invite, proxy.port)
  await carrier.send(
    answer(await carrier.receive('INVITE'), '407 Proxy Authentication Required', CHALLENGE),
    proxy.port,
  )
  await carrier.receive('ACK')
  return invite
}

/** The retry that the row's credentials made, ended so that nothing repeats. */
async function retried(carrier: Phone, proxy: Signalbox): Promise<string> {
  const retry = await carrier.receive('INVITE')
  await carrier.send(answer(retry, '486 Busy Here'), proxy.port)
  await carrier.receive('ACK')
  expect(cseq(retry)).toBe('INVITE 2')
  return retry
}

test('RFC 3261 §22.2: a hundred challenged calls are answered with what the table says', async () => {
  const peers = openPeers()
  const { server } = await filled(peers)
  const target = await freeUdpPort()
  const carrier = await peers.uas('uas_auth_check', target)
  const proxy = await proxyOf(peers, server, target)
  const caller = await peers.uac('uac_check', proxy.port, { calls: 100, rate: 20 })
  expect(await outcome(caller, carrier)).toMatchObject({ uac: all, uas: all })
  expect(checkDigests(carrier.log(), 'test')).toEqual({ checked: 100, wrong: [] })
  expect(carrierDialogs(carrier.messages())).toEqual(['INVITE 1, ACK 1, INVITE 2, ACK 2, BYE 3'])
  expect(callerAnswers(caller.messages())).toEqual(['INVITE 1, BYE 2'])
  // The proxy looks at its trunks, too.
  expect(await proxy.metric('signalbox_database_queries_total')).toBeGreaterThanOrEqual(100)
  expect(await proxy.metric('signalbox_database_query_seconds_total')).toBeGreaterThan(0)
  expect(await proxy.metric('signalbox_database_up')).toBe(1)
  await proxy.stop()
  expect(proxy.output).not.toContain(server.password)
})

// RFC 3261 §16.10
test('the caller cancels while the table is locked: 487 at once, no second INVITE, and the next call passes', async () => {
  const peers = openPeers()
  const { server, admin } = await filled(peers)
  const [caller, carrier] = [await peers.phone(), await peers.phone()]
  const proxy = await proxyOf(peers, server, carrier.port)
  await admin.query('lock tables uacreg write')
  const invite = await challenged(caller, carrier, proxy, 'held')
  await until('the query is held', async () => (await proxy.metric('signalbox_running_handlers')) === 1)
  await caller.send(invite.replace(/^INVITE/, 'CANCEL').replace('CSeq: 1 INVITE', 'CSeq: 1 CANCEL'), proxy.port)
  expect(cseq(await caller.receive('200'))).toBe('CANCEL 1')
  await caller.receive('487')
  expect(await proxy.metric('signalbox_running_handlers')).toBe(1)
  await admin.query('unlock tables')
  await until('the handler has ended', async () => (await proxy.metric('signalbox_running_handlers')) === 0)

  await challenged(caller, carrier, proxy, 'next')
  expect(await retried(carrier, proxy)).toContain('Call-ID: next')
  expect(carrier.received.filter((text) => text.startsWith('INVITE ') && text.includes('Call-ID: held'))).toHaveLength(
    1,
  )
  await proxy.stop()
  expect(proxy.output).toMatch(/uac\.auth: .*cancel/)
})

test('MariaDB dies: degraded, each call gets the answer that came; it is back: calls pass, and nobody was restarted', async () => {
  const peers = openPeers()
  const { server } = await filled(peers)
  const [caller, carrier] = [await peers.phone(), await peers.phone()]
  const proxy = await proxyOf(peers, server, carrier.port)
  await challenged(caller, carrier, proxy, 'before')
  await retried(carrier, proxy)

  await server.kill()
  await until('it is noticed', async () => (await proxy.health()) === 'degraded')
  expect(await proxy.readiness()).toBe(200)
  expect(await proxy.metric('signalbox_database_up')).toBe(0)
  await challenged(caller, carrier, proxy, 'meanwhile')
  expect(cseq(await caller.receive('407'))).toBe('INVITE 1')

  await server.start()
  await until('it is back', async () => (await proxy.health()) === 'ok')
  await challenged(caller, carrier, proxy, 'after')
  await retried(carrier, proxy)
  await proxy.stop()
  // Each worker has connections of its own, and says it once.
  expect(proxy.output.match(/is away: /g)).toHaveLength(workers)
  expect(proxy.output.match(/is back/g)).toHaveLength(workers)
  expect(proxy.output).toMatch(/onFailure 'TRUNKAUTH' threw: SignalboxError \[DATABASE\].*routes\/main\.ts:8:/)
  expect(proxy.output).not.toContain(server.password)
})

test('a database that is away at the start: the proxy serves, degraded', async () => {
  const peers = openPeers()
  const proxy = await peers.signalbox(program('database-credentials', 9), {
    database: 'mysql://u:s3cret@127.0.0.1:9/x',
  })
  await until('the first attempt is over', () => proxy.output.includes('is away'))
  expect([await proxy.readiness(), await proxy.health()]).toEqual([200, 'degraded'])
  expect(await proxy.stop()).toBe(0)
  expect(proxy.output).not.toContain('s3cret')
})
