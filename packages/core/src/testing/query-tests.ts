/** What `sql` does whatever is below it: run against SQLite beside this file, and against MariaDB in test/interop. */
import { beforeEach, expect, test } from 'vitest'
import type { Store } from '../store/store.ts'

let store: Store

export function queryTests(open: () => Promise<Store>): void {
  beforeEach(async () => {
    store = await open()
    await store.sql`drop table if exists probe`
    await store.sql`create table probe (
      id integer not null, name varchar(64), big bigint, price decimal(10,2), ratio double, q float, data blob, at datetime)`
  })

  values()
  texts()
  outcomes()
}

function values(): void {
  test('insert, update and delete are empty; select has the rows', async () => {
    const { sql } = store
    expect(await sql`insert into probe (id, name) values (${1}, ${'alice'}), (${2}, ${'bob'})`).toEqual([])
    expect(await sql`update probe set name = ${'carol'} where id = ${2}`).toEqual([])
    expect(await sql`select id, name from probe order by id`).toEqual([
      { id: 1, name: 'alice' },
      { id: 2, name: 'carol' },
    ])
    expect(await sql`delete from probe where id = ${1}`).toEqual([])
    expect(await sql`select name from probe where id = ${1}`).toEqual([])
    expect(await sql`insert into probe (id) values (${3}) returning id`).toEqual([{ id: 3 }])
  })

  test.each([
    ['id', 7, 7],
    ['id', true, 1],
    ['id', false, 0],
    ['big', 2n ** 60n, 2n ** 60n],
    ['big', -(2n ** 63n), -(2n ** 63n)],
    ['big', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ['big', 5n, 5],
    ['price', 12.25, 12.25],
    ['ratio', 0.1, 0.1],
    ['ratio', 1e300, 1e300],
    ['q', 0.7, 0.7],
    ['q', 0.5, 0.5],
    ['name', 'Zoë 🚀 \\ \' " ` % _ ? ; --', 'Zoë 🚀 \\ \' " ` % _ ? ; --'],
    ['name', '', ''],
    ['name', 5, '5'],
    ['name', null, null],
    ['data', new Uint8Array([0, 1, 255]), new Uint8Array([0, 1, 255])],
    ['data', Buffer.from('xyz').subarray(1), new Uint8Array([121, 122])],
    ['at', new Date('2026-05-06T07:08:09.500Z'), '2026-05-06 07:08:09'],
    ['at', '2030-05-28 21:32:15', '2030-05-28 21:32:15'],
  ] as const)('%s takes %s and gives %s', async (column, value, expected) => {
    await store.sql`insert into probe (id) values (0)`
    // The column's name is the test's own: a value could not stand there.
    const text = [`update probe set ${column} = `, '']
    await store.sql(Object.assign(text, { raw: text }), value)
    const [row] = await store.sql`select * from probe`
    expect(row![column]).toStrictEqual(expected)
  })
}

function texts(): void {
  test('what an aggregate gives is a number', async () => {
    await store.sql`insert into probe (id, price) values (1, 1.25), (2, 2.25)`
    expect(await store.sql`select count(*) as n, sum(id) as s, sum(price) as p from probe`).toEqual([
      { n: 2, s: 3, p: 3.5 },
    ])
  })

  test('limit and offset can be bound', async () => {
    await store.sql`insert into probe (id) values (1), (2), (3)`
    expect(await store.sql`select id from probe order by id limit ${1} offset ${1}`).toEqual([{ id: 2 }])
  })

  test('what would end a literal stays a value', async () => {
    await store.sql`insert into probe (id, name) values (1, 'alice')`
    const name = "x' or '1'='1"
    expect(await store.sql`select id from probe where name = ${name}`).toEqual([])
    await store.sql`update probe set name = ${"'; drop table probe; --"} where id = ${1}`
    expect(await store.sql`select name from probe`).toEqual([{ name: "'; drop table probe; --" }])
  })
}

function outcomes(): void {
  test('a statement that the server refuses names why and where, and the next one works', async () => {
    const error = await store.sql`select a from nowhere`.catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'DATABASE', message: expect.stringMatching(/nowhere/) })
    expect((error as Error).stack).toMatch(/DATABASE[^]*query-tests\.ts/)
    expect(await store.sql`select 1 as a`).toEqual([{ a: 1 }])
    expect(store.isUp).toBe(true)
  })

  test('a refusal is a rejection, never thrown, and asks nothing', async () => {
    const refused = [store.sql`select ${undefined as unknown as string}`, store.sql('select 1' as never)]
    for (const each of refused) await expect(each).rejects.toMatchObject({ code: 'BAD_SQL' })
  })

  test('queries are counted', async () => {
    const { counts } = store.statistics
    const before = { ...counts }
    await store.sql`select 1`
    await store.sql`select nope`.catch(() => undefined)
    expect(counts).toEqual({ ok: before.ok + 1, failed: before.failed + 1 })
    expect(store.statistics.time).toBeGreaterThan(0)
  })

  test('many at once', async () => {
    const asked = Array.from({ length: 300 }, (_, i) => store.sql`select ${i} as i`)
    expect((await Promise.all(asked)).map(([row]) => row!['i'])).toEqual(Array.from({ length: 300 }, (_, i) => i))
  })
}
