/** What is registered outlives the proxy, by its table; and a database that is slow or broken holds no phone up. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answer, simulate } from '@signalbox/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { createUsersTables, databases, emptyDatabase } from './database.ts'
import { contactsOf, Registrant } from './phones.ts'
import { CARRIER, PHONE, requestUri, sentTo } from './wire.ts'

const routes = 'test/scenarios/routes/registrar.ts'
const ALICE = 'sip:alice@127.0.0.1:5080'

async function network() {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-location-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const net = await simulate({ routes, database: `sqlite:${join(folder, 'signalbox.db')}`, ...(await emptyDatabase()) })
  await createUsersTables(net)
  net.uas(CARRIER, answer())
  return { net, phone: new Registrant(net), caller: net.uac(PHONE) }
}

test('a phone that registered before the restart is called after it', async () => {
  const { net, phone, caller } = await network()
  await phone.register({ contact: ['<sip:alice@127.0.0.1:5090>;expires=600', '<sip:alice@127.0.0.1:5091>;q=0.1'] })
  await net.advance('10s')
  net.restart()
  const call = await caller.invite(ALICE)
  expect(call).toBeAnsweredWith(200)
  expect(sentTo(net, CARRIER, 'INVITE ').map(requestUri)).toEqual(['sip:alice@127.0.0.1:5090'])
  const [first] = contactsOf(await phone.register({ callId: 'query' }))
  expect(first).toBe('<sip:alice@127.0.0.1:5090>;expires=590')
})

test('RFC 3261 §10.3 step 7: the order of Call-ID and CSeq outlives it, too', async () => {
  const { net, phone } = await network()
  await phone.register({ contact: ['<sip:alice@127.0.0.1:5090>'], cseq: 5 })
  await net.advance('1s')
  net.restart()
  const remove = ['<sip:alice@127.0.0.1:5090>;expires=0']
  expect(await phone.register({ contact: remove, cseq: 4 })).toMatch(/^SIP\/2\.0 500 /)
  expect(await phone.register({ contact: remove, cseq: 6 })).toMatch(/^SIP\/2\.0 200 /)
})

test('what was removed, or expired while the proxy was down, does not come back', async () => {
  const { net, phone, caller } = await network()
  await phone.register({ user: 'alice', contact: ['<sip:alice@127.0.0.1:5090>'] })
  await phone.register({ user: 'bob', contact: ['<sip:bob@127.0.0.1:5090>;expires=60'] })
  await net.advance('1s')
  await phone.register({ user: 'alice', contact: ['*'], lines: ['Expires: 0'], cseq: 2 })
  await net.advance('1s')
  net.stack.registrar.stop()
  await net.advance('60s')
  net.restart()
  expect(await caller.invite(ALICE)).toBeAnsweredWith(404)
  expect(await caller.invite('sip:bob@127.0.0.1:5080')).toBeAnsweredWith(404)
  await net.advance('1s')
  expect(await net.sql`select * from location`).toEqual([])
})

test('no phone waits for the table to be written', async () => {
  const { net, phone } = await network()
  await phone.register({ contact: ['<sip:alice@127.0.0.1:5090>'] })
  await net.advance('1s')
  net.store.delay = '5s'
  expect(await phone.register({ contact: ['<sip:alice@127.0.0.1:5090>'], cseq: 2 })).toMatch(/^SIP\/2\.0 200 /)
  // Two queries: which ids, and the row.
  await net.advance('11s')
  expect(await net.sql`select cseq from location`).toEqual([{ cseq: 2 }])
})

test('a call that comes while the table is read back waits for it, three seconds at most', async () => {
  const { net, phone, caller } = await network()
  await phone.register({ contact: ['<sip:alice@127.0.0.1:5090>'] })
  await net.advance('1s')
  net.restart()
  net.store.delay = '2s'
  expect(await caller.invite(ALICE)).toBeAnsweredWith(200)
  net.restart()
  net.store.delay = '10s'
  const call = caller.dial(ALICE)
  await net.advance('2.9s')
  expect(call.status).toBe(0)
  await net.advance(200)
  expect(call.status).toBe(404)
  await net.advance('7s')
  expect(await caller.invite(ALICE)).toBeAnsweredWith(200)
})

test('a proxy whose routes use no registrar makes no file', async () => {
  const { net, caller } = await network()
  await net.reload('test/scenarios/routes/realm.ts')
  await caller.send('OPTIONS', 'sip:127.0.0.1:5090')
  // A server's tables are there before.
  const rows = net.sql`select * from location`
  if (databases.open === undefined) await expect(rows).rejects.toThrow('no such table')
  else expect(await rows).toEqual([])
})
