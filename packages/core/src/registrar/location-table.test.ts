/** The registrar's table in the embedded store. */
import { describe, expect, onTestFinished, test } from 'vitest'
import { parseDatabaseAddress } from '../store/address.ts'
import type { Bound } from '../store/database.ts'
import { Store } from '../store/store.ts'
import { locationTests } from '../testing/location-tests.ts'
import { SampleRegistrar } from '../testing/registrar-rig.ts'

function open(): Store {
  const silent = { info: () => undefined, warn: () => undefined }
  const store = new Store(parseDatabaseAddress('sqlite::memory:', '/')!, silent)
  onTestFinished(() => store.close())
  return store
}

locationTests(async () => open())

describe('a store without the table', () => {
  test('that is the proxy’s own file gets it', async () => {
    const store = open()
    const sample = new SampleRegistrar({}, store)
    await sample.registrar.ready()
    expect(await store.sql`select count(*) as n from location`).toEqual([{ n: 0 }])
    expect(sample.said).toEqual([])
  })

  test('that is the user’s is left alone: one warning, and contacts stay in memory until the table is there', async () => {
    const store = open()
    const { database, dialect, createTables } = store
    const sample = new SampleRegistrar({}, { database, dialect })
    await sample.registrar.ready()
    sample.register({ contact: '<sip:a@h>' })
    for (let i = 0; i < 60; i++) {
      sample.clock.advance(1_000)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(sample.said).toEqual([expect.stringMatching(/no table `location`.*signalbox db init/)])
    expect(sample.registrar.unwritten).toBe(1)
    await createTables!()
    for (let i = 0; i < 40; i++) {
      sample.clock.advance(1_000)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(sample.registrar.unwritten).toBe(0)
    sample.registrar.stop()
    expect(sample.clock.next()).toBe(Infinity)
  })
})

test('a thousand changes are written, and read back, with other work going on between', async () => {
  const store = open()
  const sample = new SampleRegistrar({}, store)
  await sample.registrar.ready()
  for (let i = 0; i < 1_000; i++) sample.register({ to: `sip:u${i}@example.com`, contact: '<sip:a@h>' })
  let turns = 0
  let count = true
  const turn = (): void => {
    turns++
    if (count) setImmediate(turn)
  }
  turn()
  await sample.registrar.close()
  expect(turns).toBeGreaterThan(15)
  turns = 0
  const next = new SampleRegistrar({}, store, sample.clock)
  await next.registrar.ready()
  next.registrar.stop()
  count = false
  expect(turns).toBeGreaterThan(0)
  expect(next.registrar.location.size).toBe(1_000)
})

test('a contact that came and went before it was written costs the store nothing; one that was written goes from it', async () => {
  const store = open()
  const asked: string[] = []
  const database = {
    isUp: true,
    query: (text: string, values: readonly Bound[]) => {
      asked.push(text.split(' ')[0]!)
      return store.database.query(text, values)
    },
  }
  const sample = new SampleRegistrar({}, { ...store, database, createTables: store.createTables! })
  await sample.registrar.ready()
  const written = async (): Promise<string[]> => {
    asked.length = 0
    await sample.registrar.close()
    return asked
  }
  sample.register({ contact: '<sip:a@h>' })
  sample.register({ contact: '<sip:a@h>', expires: 0, cseq: 2 })
  expect([sample.registrar.unwritten, await written()]).toEqual([0, []])
  sample.register({ contact: '<sip:b@h>', cseq: 3 })
  expect(await written()).toEqual(['select', 'insert'])
  // A refresh that waits is not the first of its row.
  sample.register({ contact: '<sip:b@h>', cseq: 4 })
  sample.register({ contact: '<sip:b@h>', expires: 0, cseq: 5 })
  expect(sample.registrar.unwritten).toBe(1)
  expect(await written()).toEqual(['delete'])
  expect(await store.sql`select count(*) as n from location`).toEqual([{ n: 0 }])
})
