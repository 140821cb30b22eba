/** Program 5 of the contract, word for word, and what becomes of a call whose query goes wrong, takes long, or comes too late. */
import { answer, challenge, reject, simulate, type Simulation } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { BOB, CARRIER, cseq, header, logged, PHONE, SECOND, sentTo } from './wire.ts'

const program5 = 'test/interop/programs/database-credentials.ts'
const routes = 'test/scenarios/routes/sql.ts'
const carrier = challenge({ realm: 'carrier', username: 'test', password: 'se?cret' })

async function fill(net: Simulation): Promise<void> {
  await net.sql`create table uacreg (l_username varchar(64), auth_username varchar(64), auth_password varchar(64))`
  await net.sql`insert into uacreg values (${'alice'}, ${'test'}, ${'se?cret'}), (${'carol'}, ${'test'}, ${'wrong'})`
}

describe('program 5: credentials from the database', () => {
  async function network() {
    const net = await simulate({ routes: program5 })
    await fill(net)
    net.uas(CARRIER, carrier)
    return { net, phone: net.uac(PHONE) }
  }

  test('the row of the caller answers the challenge', async () => {
    const { net, phone } = await network()
    const call = await phone.invite(BOB)
    expect(call.statuses).toEqual([100, 180, 200])
    const invites = sentTo(net, CARRIER, 'INVITE ')
    expect(invites.map(cseq)).toEqual([1, 2])
    expect(header(invites[1]!, 'Proxy-Authorization')).toContain('username="test"')
    expect(net.log).toEqual([])
  })

  test('a caller without a row gets the carrier’s answer', async () => {
    const { net, phone } = await network()
    await net.sql`delete from uacreg where l_username = ${'alice'}`
    expect(await phone.invite(BOB)).toBeAnsweredWith(407)
    expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(1)
  })

  test('an answer that takes two seconds holds no other call', async () => {
    const { net, phone } = await network()
    net.store.delay = '2s'
    const slow = phone.dial(BOB)
    await net.advance('1s')
    net.store.delay = 0
    const quick = net.uac('127.0.0.1:15070').dial(BOB)
    await net.advance(900)
    expect(quick.statuses).toEqual([100, 180, 200])
    expect(slow.statuses).toEqual([100])
    await net.until(slow.answered)
    expect(slow.statuses).toEqual([100, 180, 200])
  })

  // RFC 3261 §16.10
  test('a CANCEL while the query is held: 487 at once, and the row answers nothing any more', async () => {
    const { net, phone } = await network()
    net.store.delay = '2s'
    const call = phone.dial(BOB)
    await net.advance('1s')
    call.cancel()
    await net.advance(100)
    expect(call.statuses).toEqual([100, 487])
    await net.advance('5s')
    expect(call.statuses).toEqual([100, 487])
    expect(sentTo(net, PHONE, 'SIP/2.0 200')).toHaveLength(1)
    expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(1)
    expect(sentTo(net, CARRIER, 'CANCEL ')).toEqual([])
    expect(logged(net, 'info')).toEqual([expect.stringMatching(/^uac\.auth: .*cancel/)])
  })

  test('a query that fails costs its own call the carrier’s answer, and the next call nothing', async () => {
    const { net, phone } = await network()
    await net.sql`alter table uacreg rename to elsewhere`
    expect(await phone.invite(BOB)).toBeAnsweredWith(407)
    expect(logged(net, 'error')).toEqual([
      expect.stringMatching(
        /onFailure 'TRUNKAUTH' threw: SignalboxError \[DATABASE\]: [^]*uacreg[^]*programs\/database-credentials\.ts:8:\d+/,
      ),
    ])
    await net.sql`alter table elsewhere rename to uacreg`
    expect(await phone.invite(BOB)).toBeAnsweredWith(200)
  })
})

// RFC 3261 §16.10
test('canceled is read after the await: true, and no action does anything', async () => {
  const net = await simulate({ routes })
  net.store.delay = '2s'
  net.uas(CARRIER, reject(503))
  net.uas(SECOND, answer())
  const call = net.uac(PHONE).dial('sip:held@127.0.0.1:5080')
  await net.advance('1s')
  call.cancel()
  await net.advance('5s')
  expect(call.statuses).toEqual([100, 487])
  expect(sentTo(net, SECOND, '')).toEqual([])
  expect(logged(net, 'info')).toContain('before: false')
  expect(logged(net, 'info')).toContain('after: true, row 1, auth false')
})

describe('a mistake costs its own call', () => {
  async function status(user: string, from = 'alice') {
    const net = await simulate({ routes })
    await fill(net)
    net.uas(CARRIER, reject(486))
    net.uas(SECOND, answer())
    const call = await net.uac().invite(`sip:${user}@127.0.0.1:5080`, { from: `sip:${from}@127.0.0.1` })
    return { net, status: call.statuses.at(-1) }
  }

  test.each([
    ['missing', /DATABASE.*no_such_table[^]*routes\/sql\.ts:14:\d+/],
    ['undefined', /BAD_SQL.*value 1 of the statement is undefined[^]*routes\/sql\.ts:19:\d+/],
    ['string', /BAD_SQL.*takes a template[^]*routes\/sql\.ts:23:\d+/],
  ])('%s: 500, with the line in the log', async (user, line) => {
    const { net, status: answered } = await status(user)
    expect(answered).toBe(500)
    expect(logged(net, 'error')).toEqual([expect.stringMatching(line)])
  })

  test('in a failure route the received answer goes upstream', async () => {
    const { net, status: answered } = await status('failing')
    expect(answered).toBe(486)
    expect(sentTo(net, SECOND, '')).toEqual([])
  })

  test('a route that catches goes on', async () => {
    const { net, status: answered } = await status('caught')
    expect(answered).toBe(480)
    expect(logged(net, 'info')).toEqual(['SignalboxError DATABASE'])
  })

  test('a user part that would end a literal finds nothing', async () => {
    expect((await status('injected')).status).toBe(200)
    expect((await status('injected', "x'%20or%20'1'='1")).status).toBe(404)
  })
})

test('a simulation whose routes ask nothing opens no database', async () => {
  const net = await simulate({ routes: 'test/scenarios/routes/trunk.ts', database: 'sqlite:/nowhere/at/all.db' })
  net.uas(CARRIER, answer())
  expect(await net.uac().invite(BOB)).toBeAnsweredWith(200)
  await expect(net.sql`select 1`).rejects.toMatchObject({ code: 'DATABASE' })
  expect(logged(net, 'warn')).toEqual([expect.stringContaining('sqlite:/nowhere/at/all.db is away')])
})

test('a database that is none is refused', async () => {
  await expect(simulate({ routes, database: 'postgres://x' })).rejects.toMatchObject({ code: 'CONFIG' })
})
