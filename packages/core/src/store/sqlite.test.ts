/** What is SQLite's alone; what both stores do is in `testing/query-tests.ts`. */
import { chmod, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { queryTests } from '../testing/query-tests.ts'
import { Store } from './store.ts'

async function folder(): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'signalbox-store-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

function open(file: string): { store: Store; said: string[] } {
  const said: string[] = []
  const note = (line: string): void => void said.push(line)
  const store = new Store({ kind: 'sqlite', file }, { info: note, warn: note })
  onTestFinished(() => store.close())
  return { store, said }
}

queryTests(async () => open(path.join(await folder(), 'x.db')).store)

test('the file is made by the first query, for its owner alone', async () => {
  const file = path.join(await folder(), 'new.db')
  const { store } = open(file)
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
  await store.sql`create table t (a int)`
  await store.sql`insert into t values (1)`
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await stat(`${file}-wal`)).mode & 0o777).toBe(0o600)
})

test('a file that was there keeps its mode, and what it held', async () => {
  const file = path.join(await folder(), 'old.db')
  await writeFile(file, '')
  await chmod(file, 0o640)
  const first = open(file).store
  await first.sql`create table t (a int)`
  await first.close()
  await open(file).store.sql`insert into t values (1)`
  expect((await stat(file)).mode & 0o777).toBe(0o640)
})

test('answers come in the order asked, and never at once', async () => {
  const { store } = open(':memory:')
  const order: string[] = []
  const ask = (name: string): Promise<unknown> => store.sql`select 1`.then(() => order.push(name))
  const first = [ask('a'), ask('b')]
  order.push('asked')
  await first[0]
  const later = [ask('c'), ask('d')]
  await Promise.all([...first, ...later])
  expect(order).toEqual(['asked', 'a', 'b', 'c', 'd'])
})

describe('a file that another process holds', () => {
  async function held() {
    const file = path.join(await folder(), 'shared.db')
    const [one, other] = [open(file).store, open(file).store]
    await one.sql`create table t (a int)`
    await other.sql`insert into t values (1)`
    await one.sql`begin immediate`
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    return { one, other }
  }

  test('queries wait for it in their order, and all else goes on', async () => {
    const { one, other } = await held()
    const order: string[] = []
    const note = (name: string) => (): void => void order.push(name)
    const asked = [2, 3].map((a) => other.sql`insert into t values (${a})`.then(note(`inserted ${a}`)))
    asked.push(other.sql`select a from t`.then((rows) => note(`read ${rows.length}`)()))
    await vi.advanceTimersByTimeAsync(1_000)
    note('went on')()
    await one.sql`commit`
    await vi.advanceTimersByTimeAsync(100)
    await Promise.all(asked)
    expect(order).toEqual(['went on', 'inserted 2', 'inserted 3', 'read 3'])
  })

  test('held for long it refuses all that wait together, and the next query works', async () => {
    const { one, other } = await held()
    const refused = { status: 'rejected', reason: { code: 'DATABASE', message: /locked/ } }
    const asked = Promise.allSettled([2, 3, 4].map((a) => other.sql`insert into t values (${a})`))
    await vi.advanceTimersByTimeAsync(2_100)
    expect(await asked).toMatchObject([refused, refused, refused])
    expect(other.isUp).toBe(true)
    await one.sql`commit`
    await other.sql`insert into t values (5)`
    expect(await one.sql`select a from t`).toEqual([{ a: 1 }, { a: 5 }])
  })
})

test('a file that cannot be opened: refused until it can be, said once each way', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const file = path.join(await folder(), 'bad.db')
  await writeFile(file, 'this is no database, and long enough to be seen as none'.repeat(20))
  const { store, said } = open(file)
  for (let i = 0; i < 3; i++) {
    await expect(store.sql`select 1`).rejects.toMatchObject({ code: 'DATABASE', message: /not a database/ })
  }
  expect(store.isUp).toBe(false)
  expect(said).toEqual([`the database sqlite:${file} is away: file is not a database`])
  await vi.advanceTimersByTimeAsync(2_000)
  expect(store.isUp).toBe(false)
  await rm(file)
  vi.advanceTimersByTime(2_000)
  vi.useRealTimers()
  await vi.waitUntil(() => store.isUp)
  expect(await store.sql`select 1 as a`).toEqual([{ a: 1 }])
  expect(said).toEqual([expect.stringContaining('is away'), `the database sqlite:${file} is back`])
})

test('a file that is taken away is a database that is away, and no empty one takes its place', async () => {
  const file = path.join(await folder(), 'x.db')
  const { store, said } = open(file)
  expect(store.isThere).toBe(false)
  await store.sql`create table t (a int)`
  expect(store.isThere).toBe(true)
  await rename(file, `${file}.moved`)
  const refusal = async (): Promise<unknown> => {
    const error = await store.sql`select a from t`.then(() => undefined).catch((reason: unknown) => reason)
    await new Promise((resolve) => setImmediate(resolve))
    return error
  }
  expect(await vi.waitUntil(refusal)).toMatchObject({ code: 'DATABASE', message: /ENOENT/ })
  expect([store.isUp, store.isThere]).toEqual([false, true])
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
  await rename(`${file}.moved`, file)
  await vi.waitUntil(() => store.isUp, 5_000)
  await store.sql`insert into t values (1)`
  expect(await store.sql`select a from t`).toEqual([{ a: 1 }])
  expect(said).toEqual([expect.stringContaining('is away'), `the database sqlite:${file} is back`])
})

test('another file in its place is opened, and what was written before stays with the one before', async () => {
  const dir = await folder()
  const [file, other] = [path.join(dir, 'x.db'), path.join(dir, 'other.db')]
  const { store } = open(file)
  await store.sql`create table t (a int)`
  await store.sql`insert into t values (1)`
  const made = open(other).store
  await made.sql`create table t (a int)`
  await made.sql`insert into t values (2)`
  await made.close()
  await rename(file, `${file}.before`)
  await rename(other, file)
  await vi.waitUntil(async () => (await store.sql`select a from t`)[0]?.['a'] === 2)
  expect(await open(`${file}.before`).store.sql`select a from t`).toEqual([{ a: 1 }])
})

test('a folder that is not there', async () => {
  const file = path.join(await folder(), 'none', 'x.db')
  const { store } = open(file)
  await expect(store.sql`select 1`).rejects.toMatchObject({ code: 'DATABASE', message: /ENOENT/ })
})

test('what was asked before it is closed is done', async () => {
  const file = path.join(await folder(), 'x.db')
  const { store } = open(file)
  const asked = [store.sql`create table t (a int)`, store.sql`insert into t values (1)`]
  await store.close()
  await Promise.all(asked)
  expect(await open(file).store.sql`select a from t`).toEqual([{ a: 1 }])
})

test('closed, it refuses', async () => {
  const { store } = open(':memory:')
  await store.sql`select 1`
  await store.close()
  await expect(store.sql`select 1`).rejects.toMatchObject({ code: 'DATABASE', message: /closed/ })
})

test('more texts than are kept prepared', async () => {
  const { store } = open(':memory:')
  for (let i = 0; i < 450; i++) {
    const text = [`select ${i % 225} as a`]
    expect(await store.sql(Object.assign(text, { raw: text }))).toEqual([{ a: i % 225 }])
  }
})
