/** What `createTables` does whatever the store: run against SQLite in src/store, and against MariaDB in test/interop. */
import { expect, test } from 'vitest'
import type { DatabaseAddress } from '../store/address.ts'
import { createTables } from '../store/create-tables.ts'
import { tables } from '../store/schema.ts'
import { Store } from '../store/store.ts'

const names = ['version', 'uacreg', 'location', 'subscriber']
const versions = [1, 6, 9, 7]

const silent = { info: () => undefined, warn: () => undefined }

/** `open` gives an empty database each time. */
export function tableTests(open: () => Promise<DatabaseAddress>): void {
  async function emptyStore(): Promise<{ address: DatabaseAddress; store: Store }> {
    const address = await open()
    return { address, store: new Store(address, silent) }
  }

  test('what is missing is made, with its version; a second run finds all of it', async () => {
    const address = await open()
    const made = names.map((name, i) => ({ name, created: true, version: versions[i], own: versions[i] }))
    expect(await createTables(address)).toEqual(made)
    expect(await createTables(address)).toEqual(made.map((each) => ({ ...each, created: false })))
  })

  test('a table that is there keeps its columns, rows and version', async () => {
    const { address, store } = await emptyStore()
    await store.sql`create table version (id integer, table_name varchar(32), table_version integer)`
    await store.sql`create table uacreg (id integer, l_uuid varchar(64))`
    await store.sql`create table subscriber (id integer)`
    await store.sql`insert into version values (1, 'uacreg', 4)`
    await store.sql`insert into uacreg values (1, 'mine')`
    const [first, ...others] = await createTables(address)
    expect(first).toEqual({ name: 'version', created: false, own: 1 })
    expect(others).toEqual([
      { name: 'uacreg', created: false, version: 4, own: 6 },
      { name: 'location', created: true, version: 9, own: 9 },
      { name: 'subscriber', created: false, own: 7 },
    ])
    expect(await store.sql`select * from uacreg`).toEqual([{ id: 1, l_uuid: 'mine' }])
    await store.close()
  })

  test('the row of a table that was dropped is put right', async () => {
    const { address, store } = await emptyStore()
    await createTables(address)
    await store.sql`drop table uacreg`
    await store.sql`update version set table_version = 3 where table_name = 'uacreg'`
    expect((await createTables(address))[1]).toEqual({ name: 'uacreg', created: true, version: 6, own: 6 })
    await store.close()
  })

  test('columns stand in Kamailio’s order, with its defaults', async () => {
    const { address, store } = await emptyStore()
    await createTables(address)
    await store.sql`insert into uacreg (l_uuid) values ('a')`
    await store.sql`insert into location (ruid) values ('a')`
    await store.sql`insert into subscriber (username) values ('a')`
    const [trunk] = await store.sql`select * from uacreg`
    const [contact] = await store.sql`select * from location`
    const [account] = await store.sql`select * from subscriber`
    for (const [row, { columns }] of [
      [trunk, tables[1]!],
      [contact, tables[2]!],
      [account, tables[3]!],
    ] as const) {
      expect(Object.keys(row!)).toEqual(columns.map(({ name }) => name))
    }
    expect(trunk).toMatchObject({ id: 1, l_uuid: 'a', realm: '', auth_ha1: '', expires: 0, socket: '' })
    expect(contact).toMatchObject({
      q: 1,
      cseq: 1,
      callid: 'Default-Call-ID',
      domain: null,
      methods: null,
      expires: '2030-05-28 21:32:15',
      partition: 0,
    })
    await expect(store.sql`insert into uacreg (l_uuid) values ('a')`).rejects.toMatchObject({ code: 'DATABASE' })
    await expect(store.sql`insert into subscriber (username) values ('a')`).rejects.toMatchObject({ code: 'DATABASE' })
    await store.close()
  })
}
