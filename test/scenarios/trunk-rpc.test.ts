/** What operators do with trunks: Kamailio's RPC methods, and `trunks.explain`. */
import { challenge, registrar, reject, silent, type Behaviour } from '@signalbox/core/testing'
import { expect, test } from 'vitest'
import { handleRpc } from '../../packages/core/src/admin/rpc.ts'
import { trunkMethods } from '../../packages/core/src/admin/trunk-methods.ts'
import { insert, REGISTRAR, reload, trunkNetwork, withoutTable, type TrunkOptions } from './trunk-table.ts'

interface Answer {
  result?: unknown
  error?: { code: number; message: string }
}

async function site(behaviour: Behaviour = registrar(), ...rows: TrunkOptions[]) {
  const net = await trunkNetwork()
  const uas = net.uas(REGISTRAR, behaviour)
  for (const row of rows.length > 0 ? rows : [{}]) await insert(net, row)
  await reload(net)
  await net.advance('2s')
  // The kit is the built one, the methods are the source: the same class, which the compiler cannot know.
  const methods = new Map(trunkMethods(net.stack.trunks as never))
  const call = async (method: string, ...params: unknown[]) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const answer = (await net.until(handleRpc(body, methods))) as Answer
    await net.advance('2s')
    return answer
  }
  const info = async (uuid = 'u1') => (await call('uac.reg_info', 'l_uuid', uuid)).result as Record<string, unknown>
  return { net, uas, call, info, trunks: net.stack.trunks! }
}

test('Case 72: a dump has the fields in their order, passwords masked, and what is ours', async () => {
  const { call } = await site(challenge({ realm: 'r', username: 'ralice', password: 'secret', next: registrar() }))
  const [entry] = (await call('uac.reg_dump')).result as Record<string, unknown>[]
  const { timer_expires, reg_init, ...rest } = entry!
  expect(Object.keys(entry!).join(' ')).toBe(
    'l_uuid l_username l_domain r_username r_domain realm auth_username auth_password auth_ha1 auth_proxy expires flags ' +
      'diff_expires timer_expires reg_init reg_delay contact_addr socket contact_user state reason next answer asked_realm expires_in note',
  )
  expect(rest).toMatchObject({
    l_uuid: 'u1',
    auth_password: '********',
    auth_ha1: 'none',
    flags: 20,
    diff_expires: 58,
    contact_addr: 'none',
    contact_user: 'none',
    socket: '',
    state: 'registered',
    reason: '',
    answer: '200 OK',
    asked_realm: 'r',
  })
  expect(rest['next']).toBeGreaterThan(30)
  expect(Number(timer_expires) - Date.now() / 1_000).toBeGreaterThan(50)
  expect(Math.abs(Number(reg_init) - Date.now() / 1_000)).toBeLessThan(10)
  expect(JSON.stringify(entry)).not.toContain('secret')
})

test.each([
  ['that works', { proxy: `sip:user:s3cret@${REGISTRAR}` }],
  ['that is none', { proxy: 'tel:user:s3cret@h' }],
  ['in another column', { domain: 'user:s3cret@h' }],
  ['in contact_addr', { contactAddress: 'user:s3cret@h' }],
])('Case 72: the password in a URI %s is in no dump, log or reason', async (_, row) => {
  const { net, call } = await site(silent(), row)
  await net.advance('2m')
  const shown = [await call('uac.reg_dump'), await call('trunks.explain', 'u1'), net.log]
  expect(JSON.stringify(shown)).not.toContain('s3cret')
  expect(JSON.stringify(shown)).toMatch(/did not answer|its row cannot be used/)
})

test.each([
  ['uac.reg_info', [], 400],
  ['uac.reg_info', ['l_uuid'], 400],
  ['uac.reg_info', ['colour', 'red'], 400],
  ['uac.reg_info', ['l_uuid', null], 400],
  ['uac.reg_info', ['l_uuid', {}], 400],
  ['uac.reg_remove', [null], 400],
  ['uac.reg_info', ['l_uuid', 'u9'], 404],
  ['uac.reg_enable', ['l_uuid', 'u9'], 404],
  ['uac.reg_disable', [], 400],
  ['uac.reg_register', ['x', 'y'], 400],
  ['uac.reg_unregister', ['l_username', 'nobody'], 404],
  ['uac.reg_refresh', [], 400],
  ['uac.reg_refresh', ['u9'], 404],
  ['uac.reg_remove', ['u9'], 404],
  ['uac.reg_add', ['u2', 'b'], 400],
  ['uac.reg_add', ['u1', 'a', 'b', 'c', 'd.example', '.', 'u', 'p', '.', 'sip:h', 60, 0, 0, '.', '.'], 409],
  ['uac.reg_add', ['u2', 'a', 'b', 'c', 'd.example', '.', 'u', '.', '.', 'sip:h', 60, 0, 0, '.', '.'], 500],
  ['uac.reg_add', ['u2', 'a', 'b', 'c', 'd.example', '.', 'u', 'p', '.', 'sip:h', 'abc', 0, 0, '.', '.'], 400],
  ['uac.reg_add', ['u2', 'a', 'b', 'c', 'd.example', '.', 'u', 'p', '.', 'sip:h', '', 0, 0, '.', '.'], 400],
  ['uac.reg_add', ['u2', 'a', 'b', 'c', 'd.example', '.', 'u', 'p', '.', 'sip:h', 60, '1x', 0, '.', '.'], 400],
  ['uac.reg_add', ['u2', 'a', 'b', 'c', 'd.example', '.', 'u', 'p', '.', 'sip:h', 60, 0, 'soon', '.', '.'], 400],
  [
    'uac.reg_add',
    ['u2', 'a', 'b', 'c', 'd.example', '.', 'u', 'p', '.', 'sip:h', 60, 0, 0, '.', '.', '.', 'more'],
    400,
  ],
  ['uac.reg_add', ['u2', 'a', 'b', null, 'd.example', '.', 'u', 'p', '.', 'sip:h', 60, 0, 0, '.', '.'], 400],
  ['uac.reg_active', [2], 500],
  ['trunks.explain', ['u9'], 404],
])('Case 72: %s %j is refused with %i', async (method, params, code) => {
  const { call } = await site()
  expect((await call(method, ...params)).error?.code).toBe(code)
})

test('Case 72: a password that is no text is not repeated to who adds it', async () => {
  const { call } = await site()
  const row = ['u2', 'a', 'b', 'c', 'd.example', '.', 'u', ['s3cret'], '.', 'sip:h', 60, 0, 0, '.', '.']
  expect((await call('uac.reg_add', ...row)).error).toMatchObject({ code: 400, message: 'auth_password is no text' })
})

test.each([
  ['l_uuid', 12345],
  ['l_username', 'alice'],
  ['r_username', 'ralice'],
  ['auth_username', 'ralice'],
])('Case 72: found by %s', async (attribute, value) => {
  const { call } = await site(registrar(), { uuid: '12345' })
  expect((await call('uac.reg_info', attribute, value)).result).toMatchObject({ l_uuid: '12345' })
})

test('Case 67: of rows with the same l_uuid the first counts, and the log and explain say so', async () => {
  const net = await withoutTable({ registration: { interval: 10 } })
  const uas = net.uas(REGISTRAR, registrar())
  await net.createTables()
  await net.sql`alter table uacreg rename to indexed`
  await net.sql`create table uacreg as select * from indexed`
  for (const account of ['r1', 'r2']) await insert(net, { account })
  await net.sql`update uacreg set id = case r_username when 'r1' then 1 else 2 end`
  await reload(net)
  await net.advance('1m')
  expect(uas.requests('REGISTER').map((each) => each.toWire())).not.toContainEqual(expect.stringContaining('sip:r2@'))
  expect(net.log.filter(({ message }) => message.includes('has this l_uuid more than once'))).toHaveLength(1)
  const methods = new Map(trunkMethods(net.stack.trunks as never))
  const info = (): unknown => methods.get('uac.reg_info')!(['l_uuid', 'u1'])
  expect(info()).toMatchObject({ state: 'registered', note: expect.stringContaining('more than once') as string })
  expect(await methods.get('trunks.explain')!(['u1'])).toMatchObject({
    advice: 'Give each row of uacreg an l_uuid of its own.',
  })
  await net.sql`update uacreg set l_uuid = 'u2' where id = 2`
  await reload(net)
  expect(info()).toMatchObject({ note: '' })
})

test('Case 72: disable sends nothing and lasts, enable registers again', async () => {
  const { net, uas, call, info } = await site()
  expect(await call('uac.reg_disable', 'l_uuid', 'u1')).toMatchObject({ result: null })
  expect(await info()).toMatchObject({ state: 'disabled', flags: 21, reason: 'disabled by command' })
  await reload(net)
  await net.advance('10m')
  expect(await info()).toMatchObject({ state: 'disabled', flags: 17 })
  expect(uas.requests('REGISTER')).toHaveLength(1)
  await call('uac.reg_enable', 'l_uuid', 'u1')
  expect(await info()).toMatchObject({ state: 'registered', flags: 20, reason: '' })
})

test('Case 73: unregister holds, and enable registers again with the expires of the row', async () => {
  const books = registrar()
  const { net, uas, call, info } = await site(books)
  await call('uac.reg_unregister', 'l_uuid', 'u1')
  expect([await info(), books.bindings.size]).toEqual([
    expect.objectContaining({ state: 'disabled', reason: 'unregistered by command' }),
    0,
  ])
  await net.advance('1h')
  expect(uas.requests('REGISTER')).toHaveLength(2)
  await call('uac.reg_enable', 'l_uuid', 'u1')
  expect(uas.requests('REGISTER').map((each) => /Expires: (\d+)/.exec(each.toWire())![1])).toEqual(['60', '0', '60'])
  expect(new Set(uas.requests('REGISTER').map(({ callId }) => callId)).size).toBe(1)
})

test.each(['uac.reg_refresh', 'a changed row'])('Case 73: %s ends it too', async (how) => {
  const { net, call, info } = await site()
  await call('uac.reg_unregister', 'l_uuid', 'u1')
  if (how === 'a changed row') {
    await net.sql`update uacreg set expires = 70`
    await reload(net)
    await net.advance('2s')
  } else await call(how, 'u1')
  expect(await info()).toMatchObject({ state: 'registered' })
})

test('Case 72: refresh reads one row; a row that is gone leaves what there was', async () => {
  const { net, call, info } = await site(registrar(), {}, { uuid: 'u2', account: 'r2' })
  await net.sql`update uacreg set expires = 90`
  await call('uac.reg_refresh', 'u1')
  expect([(await info('u1')).expires, (await info('u2')).expires]).toEqual([90, 60])
  await net.sql`delete from uacreg where l_uuid = 'u1'`
  expect((await call('uac.reg_refresh', 'u1')).error?.code).toBe(404)
  expect(await info('u1')).toMatchObject({ state: 'registered' })
})

test('Case 72: refresh finds a row by its name without the blanks around it, and says when there is no table', async () => {
  const { net, uas, call } = await site(registrar(), { uuid: ' u1 ' })
  expect(await call('uac.reg_refresh', 'u1')).toMatchObject({ result: null })
  expect(uas.requests('REGISTER')).toHaveLength(2)
  await net.sql`alter table uacreg rename to uacreg_old`
  const { error } = await call('uac.reg_refresh', 'u1')
  expect(error).toEqual({ code: 500, message: 'the database has no table uacreg any more' })
})

test('Case 72: what is added by hand stays until a reload by hand; what is removed is withdrawn and stays away', async () => {
  const books = registrar()
  const { net, call, trunks } = await site(books)
  const row = ['u2', 'bob', 'b', 'rbob', '127.0.0.2', '.', 'rbob', 'p', '.', `sip:${REGISTRAR}`, 60, 0, 0, '.', '.']
  expect(await call('uac.reg_add', ...row)).toMatchObject({ result: null })
  await call('uac.reg_remove', 'u1')
  await net.advance('5m')
  expect([...trunks.all()].map(({ row: { l_uuid } }) => l_uuid)).toEqual(['u2'])
  expect([...books.bindings.keys()]).toEqual(['sip:rbob@127.0.0.2'])
  expect((await call('uac.reg_reload')).result).toEqual({ added: 1, changed: 0, removed: 1, unchanged: 0 })
  expect([...books.bindings.keys()]).toEqual(['sip:ralice@127.0.0.2'])
})

test('Case 72: what is added and removed by hand while a reload reads the table is not lost', async () => {
  const { net, call, trunks } = await site(registrar(), {}, { uuid: 'u3', account: 'r3' })
  const row = ['u2', 'bob', 'b', 'rbob', '127.0.0.2', '.', 'rbob', 'p', '.', `sip:${REGISTRAR}`, 60, 0, 0, '.', '.']
  await call('uac.reg_add', ...row.with(0, 'before'))
  net.store.delay = '5s'
  const reload = trunks.reload()
  await call('uac.reg_add', ...row)
  await call('uac.reg_remove', 'u3')
  await net.until(reload)
  expect([...trunks.all()].map(({ row: { l_uuid } }) => l_uuid)).toEqual(['u1', 'u2'])
  net.store.delay = 0
  await call('uac.reg_reload')
  expect([...trunks.all()].map(({ row: { l_uuid } }) => l_uuid)).toEqual(['u1', 'u3'])
})

test('Case 72: a row that is refreshed while a reload reads the table is not set back by it', async () => {
  const { net, call, info, trunks } = await site()
  net.store.delay = '5s'
  const reload = trunks.reload()
  await net.advance('4s')
  await net.sql`update uacreg set expires = 90`
  net.store.delay = 0
  await net.until(Promise.all([reload, call('uac.reg_refresh', 'u1')]))
  expect(await info()).toMatchObject({ expires: 90 })
})

test('Case 70: a rate too low for the rows is said in the log, and to who asks why one waits', async () => {
  const { net, call, trunks } = await site()
  const low = await trunkNetwork({ registration: { rate: 1, interval: 30 } })
  low.uas(REGISTRAR, registrar())
  for (let number = 1; number <= 100; number++) await insert(low, { uuid: `u${number}`, account: `r${number}` })
  await reload(low)
  await low.advance('70s')
  const warnings = (): string[] => low.log.filter(({ level }) => level === 'warn').map(({ message }) => message)
  expect(warnings().filter((message) => message.includes('rate'))).toEqual([
    'uac.registration.rate is 1, and refreshing 100 trunks takes 2.5 REGISTERs per second: some will lapse',
  ])
  const methods = new Map(trunkMethods(low.stack.trunks as never))
  const { what, advice } = (await methods.get('trunks.explain')!(['u100'])) as { what: string; advice: string }
  expect(what).toMatch(
    /It waits for its turn: \d+ wait, and uac\.registration\.rate lets 1 start per second, and refreshing all/,
  )
  expect(advice).toBe('Set uac.registration.rate to 3 or more.')
  await low.sql`delete from uacreg where id > 10`
  await reload(low)
  expect(low.log.map(({ message }) => message)).toContain('uac.registration.rate is enough again for 10 trunks')
  expect([trunks.rateNeeded, net.log.filter(({ message }) => message.includes('rate'))]).toEqual([undefined, []])
  expect((await call('trunks.explain', 'u1')).result).toMatchObject({ advice: '' })
})

test('Case 72: explain says when reg_active holds a trunk up', async () => {
  const { net, call } = await site()
  await call('uac.reg_active', 0)
  await net.advance('2m')
  expect((await call('trunks.explain', 'u1')).result).toMatchObject({
    what: expect.stringContaining('uac.reg_active 0 lets nobody have one') as string,
    advice: 'Let them go on with: signalbox ctl uac.reg_active 1',
  })
})

test('Case 72: reg_active 0 sends nothing until 1', async () => {
  const { net, uas, call, info } = await site()
  expect((await call('uac.reg_active', 0)).result).toEqual({ omode: 1, nmode: 0 })
  await net.advance('5m')
  expect(uas.requests('REGISTER')).toHaveLength(1)
  expect(await info()).toMatchObject({ state: 'failed' })
  expect((await call('uac.reg_active', 1)).result).toEqual({ omode: 0, nmode: 1 })
  expect(await info()).toMatchObject({ state: 'registered' })
})

test('Case 72: nor for a row that changed while its REGISTER was out', async () => {
  const { net, uas, call, info } = await site((incoming) => incoming.after(4_000, () => registrar()(incoming)))
  await call('uac.reg_active', 0)
  await net.sql`update uacreg set expires = 90`
  await reload(net)
  await net.advance('1m')
  expect(uas.requests('REGISTER')).toHaveLength(1)
  await call('uac.reg_active', 1)
  await net.advance('10s')
  expect(uas.requests('REGISTER').map((each) => /Expires: (\d+)/.exec(each.toWire())![1])).toEqual(['60', '90'])
  expect(await info()).toMatchObject({ state: 'registered', expires: 90 })
})

test('Case 72: register says why it sends nothing while reg_active is 0', async () => {
  const { uas, call } = await site()
  await call('uac.reg_active', 0)
  expect((await call('uac.reg_register', 'l_uuid', 'u1')).error).toMatchObject({
    code: 500,
    message: expect.stringContaining('uac.reg_active 0') as string,
  })
  await call('uac.reg_active', 1)
  expect(uas.requests('REGISTER')).toHaveLength(1)
})

test('Case 72: register sends one at once', async () => {
  const { uas, call } = await site()
  await call('uac.reg_register', 'l_uuid', 'u1')
  expect(uas.requests('REGISTER')).toHaveLength(2)
})

test('Case 72: counters are the number of trunks in each state', async () => {
  const { trunks } = await site(registrar(), {}, { uuid: 'u2', account: 'r2' }, { uuid: 'u3', password: '' })
  expect(trunks.counts()).toMatchObject({ registered: 2, disabled: 1, failed: 0, registering: 0 })
})

const realm = { realm: 'sip-1.pb', username: 'ralice', password: 'secret', status: 401 } as const

test.each<[string, Behaviour, TrunkOptions, RegExp, RegExp]>([
  [
    'another realm',
    challenge(realm),
    { realm: 'voice.example' },
    /asks for "sip-1\.pb", the row says "voice\.example"/,
    /set realm to "sip-1\.pb", or leave it empty/,
  ],
  ['a wrong password', challenge(realm), { password: 'x' }, /not registered/, /check auth_username and auth_password/],
  ['a bad row', registrar(), { proxy: 'x' }, /auth_proxy is no SIP URI/, /Correct the row/],
  ['403', reject(403), {}, /403 Forbidden.*tried again in \d+ s/, /locked the account/],
  ['disabled by its flags', registrar(), { flags: 1 }, /nothing is tried/, /set flags to 0/],
  ['expires 0', registrar(), { expires: 0 }, /has not been registered/, /Set expires/],
  ['nothing', registrar(), {}, /is registered for \d+ s more\. It is refreshed in \d+ s\.$/, /^$/],
  ['an answer that is awaited', silent(), {}, /the answer is awaited/, /^$/],
])('explain says what is the case with %s, and what to change', async (_, behaviour, row, what, advice) => {
  const { call } = await site(behaviour, row)
  const explanation = (await call('trunks.explain', 'u1')).result as { what: string; advice: string }
  expect(explanation.what).toMatch(what)
  expect(explanation.advice).toMatch(advice)
})
