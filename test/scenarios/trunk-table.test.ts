/** The table as desired state: what is read, what is refused, and that only what changed is touched. */
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { challenge, registrar, silent, type Simulation, type SimulateOptions } from '@signalbox/core/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { TrunkRow } from '../../packages/core/src/trunks/columns.ts'
import { databases } from './database.ts'
import { insert, REGISTRAR, reload, trunkNetwork, withoutTable, type TrunkOptions } from './trunk-table.ts'

const account = { realm: 'asterisk', username: 'ralice', password: 'secret', status: 401 } as const

async function site(rows: readonly TrunkOptions[], options: SimulateOptions = {}) {
  const books = registrar()
  const net = await trunkNetwork(options)
  const uas = net.uas(REGISTRAR, books)
  for (const row of rows) await insert(net, row)
  await reload(net)
  await net.advance('2s')
  return { net, uas, books, trunks: net.stack.trunks! }
}

/** `u1`, `u2` … each with an account of its own. */
function many(count: number, row: TrunkOptions = {}): TrunkOptions[] {
  return Array.from({ length: count }, (_, index) => ({ ...row, uuid: `u${index + 1}`, account: `r${index + 1}` }))
}

function said({ log }: Simulation): string {
  return log.map(({ message }) => message).join('\n')
}

test.each<[TrunkOptions, RegExp]>([
  [{ account: '' }, /r_username, auth_username are empty/],
  [{ uuid: '' }, /l_uuid is empty/],
  [{ password: '' }, /neither auth_password nor auth_ha1 is set/],
  [{ ha1: 'abc' }, /auth_ha1 is not 32 hex digits but 3 characters/],
  [{ ha1: 'z'.repeat(32) }, /auth_ha1 is not 32 hex digits/],
  [{ proxy: '127.0.0.2' }, /auth_proxy is no SIP URI: "127\.0\.0\.2"/],
  [{ proxy: 'tel:5' }, /auth_proxy is no SIP URI/],
  [{ domain: 'a b' }, /r_domain is no host/],
  [
    { socket: 'udp:192.0.2.1:5060' },
    /socket: no socket of ours is "udp:192\.0\.2\.1:5060": there is udp:127\.0\.0\.1:5080/,
  ],
  [{ contactAddress: '192.0.2.1;line=x' }, /contact_addr has a line parameter/],
  [{ contactAddress: 'a b' }, /make no Contact/],
  [{ expires: -1 }, /expires is negative/],
])('Case 67: a row with %j is refused with its reason, and the others work', async (row, reason) => {
  const { net, uas, trunks } = await site([
    { uuid: 'bad', ...row },
    { uuid: 'good', account: 'rgood' },
  ])
  const bad = trunks.get(row.uuid ?? 'bad')!
  expect([bad.state, bad.reason]).toEqual(['disabled', expect.stringMatching(reason)])
  expect(said(net)).toMatch(reason)
  expect(trunks.get('good')!.state).toBe('registered')
  expect(uas.requests('REGISTER')).toHaveLength(1)
  expect(said(net) + bad.reason).not.toMatch(/secret|z{32}/)
})

test('Case 67: so is one that asks for more seconds than the header can say', async () => {
  const opened = site([{ expires: 2 ** 32 }])
  // MySQL's column holds no such number.
  if (databases.open !== undefined) return expect(opened).rejects.toThrow(/[Oo]ut of range/)
  const { trunks } = await opened
  expect(trunks.get('u1')!.reason).toMatch(/expires is more than/)
})

test('Case 67: a row that names a socket of ours leaves from there', async () => {
  const { trunks } = await site([{ socket: 'udp:127.0.0.1:5080' }])
  expect(trunks.get('u1')!.state).toBe('registered')
})

const versions: [number, readonly string[]][] = [
  [3, ['socket', 'contact_addr', 'contact_user']],
  [4, ['contact_addr', 'contact_user']],
  [5, ['contact_user']],
  [6, []],
]

test.each(versions)('Case 68: a table of version %i is read, what it lacks said once', async (version, lacking) => {
  const net = await trunkNetwork()
  const uas = net.uas(REGISTRAR, registrar())
  const { sql } = net
  await insert(net)
  for (const name of lacking) await dropColumn(net, name)
  await sql`update version set table_version = ${version} where table_name = 'uacreg'`
  for (let tries = 0; tries < 3; tries++) await reload(net)
  await net.advance('2s')
  expect(uas.requests('REGISTER')).toHaveLength(1)
  const warnings = net.log.filter(({ level }) => level === 'warn').map(({ message }) => message)
  const older = `the table uacreg is of version ${version}: it has no ${lacking.join(', ')}, and works without`
  expect(warnings).toEqual(version === 6 ? [] : [older])
})

async function dropColumn({ sql }: Simulation, name: string): Promise<void> {
  if (name === 'socket') await sql`alter table uacreg drop column socket`
  else if (name === 'contact_addr') await sql`alter table uacreg drop column contact_addr`
  else await sql`alter table uacreg drop column contact_user`
}

test.each([
  [5, 'the table version says 5 of uacreg, and its columns are those of version 6'],
  [9, 'the table uacreg is of version 9, and 3 to 6 are known here: it is read as it is'],
])('Case 68: a version %i that does not fit is reported', async (version, warning) => {
  const net = await trunkNetwork()
  net.uas(REGISTRAR, registrar())
  await insert(net)
  await net.sql`update version set table_version = ${version} where table_name = 'uacreg'`
  await reload(net)
  await net.advance('2s')
  expect(net.log.filter(({ message }) => message === warning)).toHaveLength(1)
  expect(net.stack.trunks!.get('u1')!.state).toBe('registered')
})

test('Case 68: both INSERTs that are in circulation, of 14 and of 15 values, load', async () => {
  for (const withSocket of [false, true]) {
    const net = await trunkNetwork()
    for (const name of withSocket ? ['contact_addr', 'contact_user'] : ['socket', 'contact_addr', 'contact_user'])
      await dropColumn(net, name)
    if (withSocket) {
      await net.sql`insert into uacreg values (null, 'u1', 'alice', 'x', 'ralice', '127.0.0.2', '', 'ralice', 'p', '',
        'sip:127.0.0.2:5060', 60, 0, 0, 0)`
    } else {
      await net.sql`insert into uacreg values (null, 'u1', 'alice', 'x', 'ralice', '127.0.0.2', '', 'ralice', 'p', '',
        'sip:127.0.0.2:5060', 60, 0, 0)`
    }
    net.uas(REGISTRAR, registrar())
    await reload(net)
    await net.advance('2s')
    expect(net.stack.trunks!.get('u1')!.state).toBe('registered')
  }
})

test('Case 68: text in a binary column is text', async () => {
  const { net, books, trunks } = await site([{}])
  await net.sql`update uacreg set auth_password = ${Buffer.from('geheim ü')}, l_uuid = ${Buffer.from(' büro ')}`
  await reload(net)
  await net.advance('2s')
  expect(trunks.get('büro')).toMatchObject({ state: 'registered', row: { auth_password: 'geheim ü' } })
  expect(books.bindings.size).toBe(1)
})

test('no table: no trunks, said once, and found when it is made', async () => {
  const net = await withoutTable({ registration: { interval: 10 } })
  net.uas(REGISTRAR, registrar())
  await net.advance('60s')
  expect(net.log.filter(({ message }) => message.includes('no table uacreg'))).toHaveLength(1)
  await net.createTables()
  await insert(net)
  await net.advance('11s')
  expect(net.stack.trunks!.get('u1')!.state).toBe('registered')
})

test('Case 69: a database file that is taken away for a while changes nothing', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'signalbox-trunks-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = path.join(folder, 's.db')
  const { net, uas, trunks } = await site(many(3), { database: `sqlite:${file}` })
  await rename(file, `${file}.moved`)
  const isRefused = (): Promise<boolean> =>
    net.until(
      trunks.reload().then(
        () => false,
        () => true,
      ),
    )
  await vi.waitUntil(isRefused)
  await net.advance('5m')
  expect([trunks.isAway, trunks.problem, trunks.counts().registered]).toEqual([
    true,
    expect.stringMatching(/ENOENT/),
    3,
  ])
  expect(uas.requests('REGISTER').map((each) => each.toWire())).not.toContainEqual(expect.stringMatching(/Expires: 0/))
  await rename(`${file}.moved`, file)
  await vi.waitUntil(async () => !(await isRefused()), 5_000)
  expect([trunks.isAway, trunks.counts().registered]).toEqual([false, 3])
})

test('Case 69: a reload touches only the rows that changed', async () => {
  const { net, uas, trunks, books } = await site(many(5, { expires: 3_600 }))
  const before = uas.requests('REGISTER')
  expect(before).toHaveLength(5)
  await net.sql`update uacreg set expires = 1800 where l_uuid = 'u2'`
  await net.sql`delete from uacreg where l_uuid = 'u3'`
  await insert(net, { uuid: 'u6', account: 'r6', expires: 3_600 })
  const report = await net.until(trunks.reload())
  await net.advance('2s')
  expect(report).toEqual({ added: 1, changed: 1, removed: 1, unchanged: 3 })
  const sent = uas.requests('REGISTER').slice(5)
  const lines = sent.map((request) => /To: <sip:(\w+)@[^]*Expires: (\d+)/.exec(request.toWire())!.slice(1).join(' '))
  expect(lines.toSorted()).toEqual(['r2 1800', 'r3 0', 'r6 3600'])
  const second = (account: string) =>
    uas.requests('REGISTER').filter((each) => each.toWire().includes(`sip:${account}@`))
  const [old, renewed] = second('r2')
  expect([renewed!.callId, renewed!.fromTag]).toEqual([old!.callId, old!.fromTag])
  expect(renewed!.cseq!.number).toBe(old!.cseq!.number + 1)
  expect([...books.bindings.keys()].toSorted()).toEqual(['r1', 'r2', 'r4', 'r5', 'r6'].map((a) => `sip:${a}@127.0.0.2`))
})

test('Case 69: the interval finds a change by itself, and a reload of the routes none', async () => {
  const { net, uas, trunks } = await site(many(2, { expires: 3_600 }), { registration: { interval: 30 } })
  await net.reload('test/scenarios/routes/trunks-calls.ts')
  await net.advance('60s')
  expect(uas.requests('REGISTER')).toHaveLength(2)
  await net.sql`update uacreg set expires = 1800 where l_uuid = 'u2'`
  await net.advance('31s')
  expect(uas.requests('REGISTER')).toHaveLength(3)
  expect(trunks.get('u2')!.granted).toBe(1_800)
})

test('Case 69: a row that moves to another registrar is withdrawn at the old one first', async () => {
  const { net, uas, trunks } = await site([{}])
  const other = net.uas('127.0.0.3:5060', registrar())
  await net.sql`update uacreg set auth_proxy = 'sip:127.0.0.3'`
  await reload(net)
  await net.advance('2s')
  expect(uas.requests('REGISTER').at(-1)!.toWire()).toContain('Expires: 0')
  expect(other.requests('REGISTER')).toHaveLength(1)
  expect(trunks.get('u1')!.state).toBe('registered')
})

test('Case 69: one that moves away from a registrar that is dead does not wait for it long', async () => {
  const net = await trunkNetwork()
  net.uas(REGISTRAR, silent())
  const other = net.uas('127.0.0.3:5060', registrar())
  await insert(net)
  await reload(net)
  await net.advance('2s')
  await net.sql`update uacreg set auth_proxy = 'sip:127.0.0.3'`
  await reload(net)
  await net.advance('45s')
  expect(other.requests('REGISTER')).toHaveLength(1)
  expect(net.stack.trunks!.get('u1')!.state).toBe('registered')
})

test('Case 69: a row that can no longer be used is not refreshed, and works again when it is mended', async () => {
  const { net, uas, trunks } = await site([{}])
  await net.sql`update uacreg set auth_proxy = 'nonsense'`
  await reload(net)
  await net.advance('2s')
  expect(trunks.get('u1')!.reason).toMatch(/auth_proxy is no SIP URI/)
  await net.sql`update uacreg set auth_proxy = 'sip:127.0.0.2'`
  await reload(net)
  await net.advance('2s')
  expect(trunks.get('u1')!.state).toBe('registered')
  expect(new Set(uas.requests('REGISTER').map(({ callId }) => callId)).size).toBe(1)
})

test('Case 69: while the table cannot be read everything goes on, said once, and it is tried again', async () => {
  const { net, uas, books, trunks } = await site([{}], { registration: { interval: 10 } })
  await net.sql`alter table uacreg rename column l_uuid to broken`
  await expect(net.until(trunks.reload())).rejects.toThrow(/has no l_uuid/)
  await net.advance('10m')
  expect(books.lapses).toBe(0)
  expect(uas.requests('REGISTER').length).toBeGreaterThan(10)
  expect(net.log.filter(({ message }) => message.includes('cannot be read'))).toHaveLength(1)
  await net.sql`alter table uacreg rename column broken to l_uuid`
  await net.sql`update uacreg set expires = 300`
  await net.advance('11s')
  expect(trunks.get('u1')!.granted).toBe(300)
  expect(said(net)).toContain('the table uacreg can be read again')
})

test('Case 70: 300 rows are spread by the rate, after a start, a reload and an outage alike', async () => {
  const times: number[] = []
  let isDead = false
  const books = registrar()
  const net = await trunkNetwork({ registration: { rate: 20, retryInterval: 5 } })
  net.uas(REGISTRAR, (incoming) => {
    times.push(incoming.agent.timers.clock.now())
    if (!isDead) books(incoming)
  })
  for (const row of many(300, { expires: 600 })) await insert(net, row)
  await reload(net)
  await net.advance('20s')
  expect(times).toHaveLength(300)
  await net.sql`update uacreg set expires = 500`
  await reload(net)
  await net.advance('20s')
  expect(times).toHaveLength(600)
  isDead = true
  await net.advance('20m')
  isDead = false
  await net.advance('15m')
  expect(net.stack.trunks!.counts()).toMatchObject({ registered: 300 })
  for (const [index, time] of times.entries()) {
    const after = times[index + 20]
    if (after !== undefined) expect(after - time).toBeGreaterThanOrEqual(990)
  }
})

test('Case 73: RFC 3261 §10.2.2: a graceful stop withdraws what is registered where that is configured', async () => {
  const { net, uas, books } = await site(many(3), { registration: { unregisterOnStop: true } })
  net.stack.drain()
  expect(net.stack.unanswered()).toBe(3)
  await net.advance('2s')
  expect(net.stack.unanswered()).toBe(0)
  expect(books.bindings.size).toBe(0)
  expect(uas.requests('REGISTER')).toHaveLength(6)
})

test('Case 73: and leaves it alone where it is not', async () => {
  const { net, uas, books } = await site(many(3))
  net.stack.drain()
  expect(net.stack.unanswered()).toBe(0)
  await net.advance('10m')
  expect([books.bindings.size, uas.requests('REGISTER').length]).toEqual([3, 3])
})

test('a restart registers the same binding once more, and no second one', async () => {
  const { net, uas } = await site([{}])
  net.restart()
  await net.advance('2s')
  const contacts = uas.requests('REGISTER').map((request) => /Contact: (.*)/.exec(request.toWire())![1])
  expect(contacts).toHaveLength(2)
  expect(new Set(contacts).size).toBe(1)
})

test('a challenge to the withdrawal is answered', async () => {
  const books = registrar()
  const net = await trunkNetwork()
  net.uas(REGISTRAR, challenge({ ...account, next: books }))
  await insert(net)
  await reload(net)
  await net.advance('2s')
  await net.sql`delete from uacreg`
  await reload(net)
  await net.advance('2s')
  expect([books.bindings.size, net.stack.trunks!.size, net.stack.trunks!.withdrawing]).toEqual([0, 0, 0])
})

test('Case 69: a row that changes while its REGISTER is out is registered once more, as it is now', async () => {
  const net = await trunkNetwork()
  const books = registrar()
  const uas = net.uas(REGISTRAR, (incoming) => incoming.after(5_000, () => books(incoming)))
  await insert(net)
  await reload(net)
  await net.advance('1s')
  await net.sql`update uacreg set expires = 300`
  await reload(net)
  await net.advance('12s')
  expect(uas.requests('REGISTER').map((each) => /Expires: (\d+)/.exec(each.toWire())![1])).toEqual(['60', '300'])
  expect(net.stack.trunks!.get('u1')).toMatchObject({ state: 'registered', granted: 300 })
})

test('Case 69: credentials that change while a refresh is out leave nothing of the old ones behind', async () => {
  const ask = challenge({ ...account, next: (incoming) => incoming.after(1_000, () => registrar()(incoming)) })
  const net = await trunkNetwork()
  const uas = net.uas(REGISTRAR, ask)
  await insert(net)
  await reload(net)
  await net.advance('3s')
  net.stack.trunks!.get('u1')!.command('register')
  await net.advance(200)
  expect(net.stack.trunks!.get('u1')!.state).toBe('refreshing')
  const before = uas.requests('REGISTER').length
  await net.sql`update uacreg set auth_username = 'new'`
  await reload(net)
  await net.advance('2s')
  const sent = uas.requests('REGISTER').slice(before)
  expect(sent.length).toBeGreaterThan(0)
  expect(sent.filter((each) => each.toWire().includes('username="ralice"'))).toEqual([])
})

test('Case 69: a row that comes back while it is withdrawn is registered after that', async () => {
  const { net, uas, books } = await site([{}])
  net.filter = ({ wire, to }) => (wire.includes('Expires: 0') && to === REGISTRAR ? 0 : 1)
  await net.sql`delete from uacreg`
  await reload(net)
  await net.advance('1s')
  await insert(net)
  await reload(net)
  await net.advance('1s')
  net.filter = () => 1
  await net.advance('10s')
  expect(uas.requests('REGISTER').map((each) => /Expires: (\d+)/.exec(each.toWire())![1])).toEqual(['60', '0', '60'])
  expect(books.bindings.size).toBe(1)
  expect([net.stack.trunks!.withdrawing, net.stack.trunks!.get('u1')!.state]).toEqual([0, 'registered'])
})

test('Case 69: a table that cannot be read at the start is tried again, though no interval asks for it', async () => {
  const net = await withoutTable({ registration: { interval: 0 } })
  net.uas(REGISTRAR, registrar())
  await net.sql`create table uacreg (id integer primary key, l_uuid text)`
  await net.sql`insert into uacreg (id, l_uuid) values (1, 'u1')`
  await net.until(net.stack.trunks!.reload().catch(() => undefined))
  await net.sql`drop table uacreg`
  await net.createTables()
  await insert(net)
  await net.advance('7s')
  expect(net.stack.trunks!.get('u1')!.state).toBe('registered')
})

test('Case 69: what many rows cost when they are removed at once rises with their number, not with its square', async () => {
  const { net, trunks } = await site(many(200, { expires: 0 }))
  let reads = 0
  const get = (row: TrunkRow, name: string | symbol): unknown => {
    reads++
    return Reflect.get(row, name)
  }
  for (const trunk of trunks.all()) trunk.row = new Proxy(trunk.row, { get })
  await net.sql`delete from uacreg where id <= 150`
  await reload(net)
  expect(trunks.size).toBe(50)
  expect(reads).toBeLessThan(200 * 5)
})

test('Case 69: one that is removed by hand is not found by its user any more', async () => {
  const { trunks } = await site([{}])
  const { cookie } = trunks.get('u1')!.account!
  expect([trunks.ofUsername('alice').length, trunks.ofCookie(cookie)]).toEqual([1, trunks.get('u1')])
  trunks.remove('u1')
  expect([trunks.ofUsername('alice').length, trunks.ofCookie(cookie)]).toEqual([0, undefined])
})

test('Case 69: a table that is there no more cannot be read: what it said goes on, until it is there again', async () => {
  const { net, uas, books, trunks } = await site([{}], { registration: { interval: 10 } })
  await net.sql`alter table uacreg rename to uacreg_old`
  await expect(net.until(trunks.reload())).rejects.toThrow(/no table uacreg any more/)
  await net.advance('10m')
  expect([books.lapses, trunks.get('u1')!.state]).toEqual([0, 'registered'])
  expect(uas.requests('REGISTER').filter((each) => each.toWire().includes('Expires: 0'))).toEqual([])
  expect(net.log.filter(({ message }) => message.includes('cannot be read'))).toHaveLength(1)
  await net.sql`alter table uacreg_old rename to uacreg`
  await net.sql`delete from uacreg`
  await net.advance('91s')
  expect([trunks.size, books.bindings.size]).toEqual([0, 0])
})
