/** What both stores must do for the registrar: the same tests over SQLite and over MariaDB. */
import type { Sql } from '@signalbox/dsl'
import { describe, expect, onTestFinished, test } from 'vitest'
import { databaseError, type Bound, type Dialect } from '../store/database.ts'
import { createMissing } from '../store/create-missing.ts'
import type { Store } from '../store/store.ts'
import { Uri } from '../message/uri.ts'
import { ALICE, EPOCH, SampleRegistrar } from './registrar-rig.ts'

const DESK = '<sip:alice@198.51.100.1:5060;transport=udp>'
const MOBILE = '<sip:m%C3%BCller@198.51.100.2>'

type Query = (text: string, values: readonly Bound[]) => Promise<Record<string, unknown>[]>

/** What is between the registrar and the store: a test may make it refuse. */
class Line {
  isUp = true
  refuses: (text: string, values: readonly Bound[]) => boolean = () => false
  readonly #query: Query
  readonly createTables?: () => Promise<unknown>

  readonly dialect: Dialect

  constructor({ database, dialect, createTables }: Store) {
    this.dialect = dialect
    this.#query = (text, values) => database.query(text, values)
    if (createTables !== undefined) this.createTables = createTables
  }

  get database(): { query: Query; isUp: boolean } {
    const query: Query = (text, values) =>
      this.refuses(text, values) ? Promise.reject(databaseError('refused')) : this.#query(text, values)
    return { query, isUp: this.isUp }
  }
}

/** `open` gives a store without a table `location`, or with one that is empty. */
export function locationTests(open: () => Promise<Store>): void {
  const opened = async (): Promise<Opened> => {
    const store = await open()
    await createMissing(store.database, store.dialect)
    const line = new Line(store)
    const sample = started(line)
    await sample.registrar.ready()
    return { line, sample, sql: store.sql }
  }
  keepingTests(opened)
  rowTests(opened)
  describe('while the database is away', () => {
    awayTests(opened)
    orderTests(opened)
  })
}

interface Opened {
  readonly line: Line
  readonly sample: SampleRegistrar
  readonly sql: Sql
}

function started(line: Line, before?: SampleRegistrar): SampleRegistrar {
  const sample = new SampleRegistrar({}, line, before?.clock)
  onTestFinished(() => sample.registrar.stop())
  return sample
}

/** Its database is away, for longer than anybody waits. */
async function startedAway(line: Line, before: SampleRegistrar): Promise<SampleRegistrar> {
  await before.registrar.close()
  line.isUp = false
  line.refuses = () => true
  const sample = started(line, before)
  const ready = sample.registrar.ready()
  await turns()
  sample.clock.advance(3_000)
  await ready
  return sample
}

function keepingTests(opened: () => Promise<Opened>): void {
  test('what was registered is there after a new start, with the time it has left', async () => {
    const { line, sample } = await opened()
    const contact = [`${DESK};q=0.5;+sip.instance="<urn:uuid:1>"`, `${MOBILE};expires=60`]
    sample.register({ contact, cseq: 7, headers: { 'User-Agent': 'Schönfon' } })
    const before = sample.contacts()
    await sample.registrar.close()
    sample.clock.advance(10_000)
    const next = started(line, sample)
    expect(next.contacts()).toEqual([])
    await next.registrar.ready()
    const left: Record<string, string> = { 3600: '3590', 60: '50' }
    expect(next.contacts().toSorted()).toEqual(
      before
        .map((value) => value.replace(/expires=(\d+)/, (_, seconds: string) => `expires=${left[seconds]}`))
        .toSorted(),
    )
    expect(next.status({ contact: DESK, cseq: 7 })).toBe(500)
    expect(next.status({ contact: `${DESK};expires=0`, cseq: 8 })).toBe(200)
    expect(next.said).toEqual(['2 contacts read back from the database'])
  })

  test('a refresh has one row; what is removed, or has expired, has none', async () => {
    const { sample, sql } = await opened()
    sample.register({ contact: [DESK, `${MOBILE};expires=60`], headers: { 'User-Agent': 'Schönfon' } })
    await written(sample)
    sample.register({ contact: DESK, cseq: 2 })
    await written(sample)
    const rows =
      await sql`select username, domain, contact, cseq, callid, q, received, expires from location order by contact`
    expect(rows).toMatchObject([
      { username: 'alice', domain: 'example.com', contact: DESK.slice(1, -1), cseq: 2, callid: 'c1', received: null },
      { contact: MOBILE.slice(1, -1), cseq: 1 },
    ])
    sample.clock.advance(61_000)
    await written(sample)
    sample.register({ contact: `${DESK};expires=0`, cseq: 3 })
    await written(sample)
    expect(await sql`select contact from location`).toEqual([])
  })

  test('refreshes keep the id of their row, what others keep in it, and use up no ids', async () => {
    const { line, sample, sql } = await opened()
    const users = Array.from({ length: 60 }, (_, i) => `u${i}`)
    const refresh = async (cseq: number): Promise<void> => {
      for (const user of users) sample.register({ to: `sip:${user}@example.com`, contact: DESK, cseq })
      await written(sample)
    }
    await refresh(1)
    const before = await sql`select id, ruid from location order by id`
    await sql`update location set path = ${'<sip:edge.example;lr>'}`
    for (let cseq = 2; cseq <= 20; cseq++) await refresh(cseq)
    expect(await sql`select id, ruid from location order by id`).toEqual(before)
    expect(await sql`select distinct path, cseq from location`).toEqual([{ path: '<sip:edge.example;lr>', cseq: 20 }])
    // Those that were there at a start are refreshed with their id, too.
    await sample.registrar.close()
    const next = started(line, sample)
    await next.registrar.ready()
    for (const user of users) next.register({ to: `sip:${user}@example.com`, contact: DESK, cseq: 21 })
    next.register({ to: 'sip:last@example.com', contact: DESK })
    await written(next)
    const [last] = await sql<{ id: number }>`select id from location where username = 'last'`
    expect(last!.id).toBeLessThanOrEqual(130)
  })

  test('more than a batch, in and out', async () => {
    const { sample, sql } = await opened()
    for (let i = 0; i < 120; i++) sample.register({ to: `sip:u${i}@example.com`, contact: DESK })
    await written(sample)
    expect(await sql`select count(*) as rows_there from location`).toEqual([{ rows_there: 120 }])
    for (let i = 0; i < 119; i++) sample.register({ to: `sip:u${i}@example.com`, contact: '*', expires: 0, cseq: 2 })
    await written(sample)
    expect(await sql`select username from location`).toEqual([{ username: 'u119' }])
  })
}

function rowTests(opened: () => Promise<Opened>): void {
  test('rows of others are read: those that expired are left alone, ours go', async () => {
    const { line, sample, sql } = await opened()
    const [later, earlier] = [local(3_600), local(-1)]
    await sql`insert into location (ruid, username, contact, received, expires, q, callid)
      values ('uloc-1', 'bob', 'sip:bob@10.0.0.1', 'sip:198.51.100.7:1024', ${later}, -1, 'b')`
    await sql`insert into location (ruid, username, contact, expires) values ('uloc-2', 'carol', 'sip:c@10.0.0.2', ${earlier})`
    await sql`insert into location (ruid, username, contact, expires) values ('signalbox-3', 'carol', 'sip:c@10.0.0.3', ${earlier})`
    await sql`insert into location (ruid, username, contact, expires) values ('uloc-4', 'carol', 'nonsense', ${later})`
    const next = started(line, sample)
    await next.registrar.ready()
    expect(next.contacts('sip:bob@192.0.2.1')).toEqual(['<sip:bob@10.0.0.1>;expires=3600'])
    const [[target] = []] = next.registrar.lookup(Uri.from('sip:bob@192.0.2.2'), 9)
    expect(target?.nextHop?.toString()).toBe('sip:198.51.100.7:1024')
    expect(next.contacts('sip:carol@192.0.2.1')).toEqual([])
    expect(next.registrar.lookup(Uri.from('sip:bob@tenant.example'), 9)).toEqual([])
    expect(next.said).toContainEqual(expect.stringMatching(/^1 rows of `location` have no domain.*useDomain is false/))
    expect(next.said).toContain('1 rows of `location` name no contact that can be read')
    await written(next)
    expect(await sql`select ruid from location order by ruid`).toEqual([
      { ruid: 'uloc-1' },
      { ruid: 'uloc-2' },
      { ruid: 'uloc-4' },
    ])
    next.register({ to: 'sip:bob@192.0.2.1', contact: '*', expires: 0 })
    await written(next)
    expect(await sql`select ruid from location where username = 'bob'`).toEqual([])
  })

  test('a row that the database does not take costs no other one its place', async () => {
    const { line, sample, sql } = await opened()
    line.refuses = (text, values) => text.startsWith('insert') && values.includes('bad')
    for (const user of ['a', 'bad', 'c']) sample.register({ to: `sip:${user}@example.com`, contact: DESK })
    await written(sample)
    expect(await sql`select username from location order by username`).toEqual([{ username: 'a' }, { username: 'c' }])
    expect(sample.said).toEqual([
      expect.stringMatching(/^a contact of bad@example\.com is kept in memory alone: .*refused/),
    ])
    expect(sample.contacts('sip:bad@example.com')).toHaveLength(1)
  })
}

function awayTests(opened: () => Promise<Opened>): void {
  test('changes wait, the newest of each contact alone, and are written when it is back', async () => {
    const { line, sample, sql } = await opened()
    line.isUp = false
    line.refuses = () => true
    for (let cseq = 1; cseq <= 20; cseq++) {
      sample.register({ contact: [DESK, MOBILE], cseq })
      sample.clock.advance(1_000)
      await turns()
    }
    sample.register({ contact: `${MOBILE};expires=0`, cseq: 21 })
    expect(sample.registrar.unwritten).toBe(2)
    line.isUp = true
    line.refuses = () => false
    await written(sample)
    expect(await sql`select contact, cseq from location`).toEqual([{ contact: DESK.slice(1, -1), cseq: 20 }])
    expect(sample.said).toEqual([])
  })

  test('nobody waits longer than three seconds, and what it has is taken when it is back', async () => {
    const { line, sample } = await opened()
    sample.register({ contact: [DESK, MOBILE] })
    const next = await startedAway(line, sample)
    expect(next.registrar.ready()).toBeUndefined()
    // Registered anew meanwhile: this one counts, and has the one row.
    next.register({ contact: `${DESK};q=0.3`, callId: 'new' })
    line.isUp = true
    line.refuses = () => false
    for (let i = 0; i < 20 && next.contacts().length < 2; i++) {
      next.clock.advance(1_000)
      await turns()
    }
    expect(next.targets(ALICE)).toEqual([
      ['sip:m%C3%BCller@198.51.100.2'],
      ['sip:alice@198.51.100.1:5060;transport=udp'],
    ])
    await written(next)
    const again = started(line, next)
    await again.registrar.ready()
    expect(again.contacts()).toHaveLength(2)
  })

  test.each([
    ['*', { contact: '*', expires: 0 }, []],
    ['one, in another spelling', { contact: DESK.replace('alice', '%61lice') + ';expires=0' }, [MOBILE]],
    ['one that was registered anew', { contact: `${DESK};expires=0` }, [MOBILE], { contact: DESK }],
  ])('what is taken off before it is back stays away: %s', async (_, removal, left, before?) => {
    const { line, sample, sql } = await opened()
    sample.register({ contact: [DESK, MOBILE] })
    const next = await startedAway(line, sample)
    if (before !== undefined) next.register({ ...before, callId: 'new', cseq: 1 })
    expect(next.register({ ...removal, callId: 'new', cseq: 2 }).status).toBe(200)
    line.isUp = true
    line.refuses = () => false
    for (let i = 0; i < 20; i++) {
      next.clock.advance(1_000)
      await turns()
    }
    await written(next)
    const uris = left.map((contact) => contact.slice(1, -1))
    expect(next.targets(ALICE).flat().map(decodeURI)).toEqual(uris.map(decodeURI))
    expect(await sql`select contact from location`).toHaveLength(left.length)
  })
}

function orderTests(opened: () => Promise<Opened>): void {
  /** A phone that is in the table with CSeq 5, and a proxy that has not read it yet. */
  const unread = async () => {
    const { line, sample, sql } = await opened()
    sample.register({ contact: DESK, cseq: 5, callId: 'same' })
    await sample.registrar.close()
    line.isUp = false
    line.refuses = () => true
    const next = started(line, sample)
    void next.registrar.ready()
    await turns()
    const readBack = async (): Promise<void> => {
      line.isUp = true
      line.refuses = () => false
      for (let i = 0; i < 20; i++) {
        next.clock.advance(1_000)
        await turns()
      }
      await written(next)
    }
    return { next, sql, readBack }
  }

  // RFC 3261 §10.3 step 7
  test.each([
    ['one', { contact: `${DESK};expires=0` }],
    ['all', { contact: '*', expires: 0 }],
  ])('what is taken off before it is read keeps the order of CSeq: %s', async (_, removal) => {
    for (const [callId, cseq, left] of [
      ['same', 4, 1],
      ['same', 5, 1],
      ['same', 6, 0],
      ['other', 1, 0],
    ] as const) {
      const { next, sql, readBack } = await unread()
      next.register({ ...removal, callId, cseq })
      await readBack()
      expect([callId, cseq, next.targets().length]).toEqual([callId, cseq, left])
      expect(await sql`select cseq from location`).toHaveLength(left)
      await sql`delete from location`
    }
  })

  test.each([
    [4, 5],
    [6, 6],
  ])('what is registered before it is read keeps it too: CSeq %i', async (cseq, kept) => {
    const { next, sql, readBack } = await unread()
    next.register({ contact: DESK, callId: 'same', cseq })
    await readBack()
    expect(await sql`select cseq from location`).toEqual([{ cseq: kept }])
    expect(next.targets()).toHaveLength(1)
    expect(next.status({ contact: DESK, callId: 'same', cseq: kept })).toBe(500)
  })
}

/** Lets the clock go until everything is in the table. */
async function written({ registrar, clock }: SampleRegistrar): Promise<void> {
  for (let i = 0; i < 400 && registrar.unwritten > 0; i++) {
    clock.advance(100)
    await turns()
  }
  expect(registrar.unwritten).toBe(0)
}

/** What a database takes is real time. */
async function turns(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 3))
}

/** That many seconds from the beginning of time, as Kamailio writes it. */
function local(seconds: number): string {
  const date = new Date(EPOCH + seconds * 1_000)
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace('T', ' ')
}
