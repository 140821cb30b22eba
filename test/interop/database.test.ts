/** `sql` over a real MariaDB: the same queries as over SQLite, and a server that goes away and comes back. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { parseDatabaseAddress, type MysqlAddress } from '../../packages/core/src/store/address.ts'
import { MysqlDatabase } from '../../packages/core/src/store/mysql.ts'
import { Store } from '../../packages/core/src/store/store.ts'
import { tables } from '../../packages/core/src/store/schema.ts'
import { queryTests } from '../../packages/core/src/testing/query-tests.ts'
import { tableTests } from '../../packages/core/src/testing/table-tests.ts'
import type { MariaDb } from './mariadb.ts'
import { openPeers, Peers } from './peers.ts'
import { until } from './wait.ts'

function open(url: string): { store: Store; said: string[] } {
  const said: string[] = []
  const note = (line: string): void => void said.push(line)
  const store = new Store(parseDatabaseAddress(url, '/')!, { info: note, warn: note })
  onTestFinished(() => store.close())
  return { store, said }
}

describe('one server for all', () => {
  const peers = new Peers()
  let server: MariaDb
  beforeAll(async () => {
    server = await peers.mariadb()
  })
  afterAll(() => peers.close())

  describe('queries', () => {
    queryTests(async () => open(server.url).store)
  })

  describe('tables', () => {
    tableTests(async () => {
      const { store } = open(server.url)
      for (const { name } of tables) {
        const text = [`drop table if exists ${name}`]
        await store.sql(Object.assign(text, { raw: text }))
      }
      return parseDatabaseAddress(server.url, '/')!
    })
  })

  test('over its socket', async () => {
    expect(await open(server.socketUrl).store.sql`select database() as name`).toEqual([{ name: 'kamailio' }])
  })

  test('a query that is not answered in time is given up, and the others go on', async () => {
    const address = parseDatabaseAddress(server.url, '/') as MysqlAddress
    const database = new MysqlDatabase(address, { info: () => undefined, warn: () => undefined }, 500)
    onTestFinished(() => database.close())
    const slow = database.query('select sleep(20)', []).catch((error: unknown) => error)
    expect(await database.query('select 1 as a', [])).toEqual([{ a: 1 }])
    expect(await slow).toMatchObject({ code: 'DATABASE', message: /no answer within/ })
    expect(database.isUp).toBe(true)
    // The server's part of it has not ended, and every other connection is free.
    const others = Array.from({ length: 20 }, () => database.query('select 1 as a', []))
    expect(await Promise.all(others)).toEqual(others.map(() => [{ a: 1 }]))
  })

  test('a wrong password is told without it, once, and the proxy goes on trying', async () => {
    const { store, said } = open(server.url.replace(server.password, 'wrong-secret'))
    const error = await store.sql`select 1`.catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'DATABASE', message: /Access denied/ })
    expect(store.isUp).toBe(false)
    expect(said).toEqual([expect.stringMatching(/^the database mysql:\/\/kamailio@127.* is away: Access denied/)])
    expect(String((error as Error).stack) + said.join()).not.toContain('wrong-secret')
  })
})

test('killed and started again: refused meanwhile, back by itself, said once each way', async () => {
  const server = await openPeers().mariadb()
  const { store, said } = open(server.url)
  await store.sql`create table kept (a int)`
  await store.sql`insert into kept values (1)`
  const held = store.sql`select sleep(${9})`.catch((error: unknown) => error)
  await server.kill()
  expect(await held).toMatchObject({ code: 'DATABASE' })
  await until('the loss is noticed', () => !store.isUp)
  const asked = performance.now()
  const late = open(server.url)
  await expect(late.store.sql`select a from kept`).rejects.toMatchObject({ message: /ECONNREFUSED/ })
  const refused = await Promise.allSettled(Array.from({ length: 50 }, () => store.sql`select a from kept`))
  expect(performance.now() - asked).toBeLessThan(1_000)
  for (const each of refused) expect(each).toMatchObject({ status: 'rejected', reason: { code: 'DATABASE' } })
  await server.start()
  await until('it is back', () => store.isUp)
  await until('the one that never had it has it', () => late.store.isUp)
  for (const { sql } of [store, late.store]) expect(await sql`select a from kept`).toEqual([{ a: 1 }])
  expect(said).toEqual([expect.stringContaining('is away'), expect.stringContaining('is back')])
  expect(late.said).toEqual([expect.stringContaining('is away'), expect.stringContaining('is back')])
})
