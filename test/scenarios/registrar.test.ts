/** Phones that register with the proxy and are called through it. */
import { answer, reject, ringing, silent, simulate, type Simulation } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { createUsersTables, emptyDatabase } from './database.ts'
import { contactsOf, Registrant } from './phones.ts'
import { CARRIER, header, logged, PHONE, requestUri, SECOND, sentTo, THIRD } from './wire.ts'

const routes = 'test/scenarios/routes/registrar.ts'
const ALICE = 'sip:alice@127.0.0.1:5080'

async function network(options: Parameters<typeof simulate>[0] = {}) {
  const net = await simulate({ routes, ...(await emptyDatabase()), ...options })
  await createUsersTables(net)
  return { net, phone: new Registrant(net), caller: net.uac(PHONE) }
}

function contacts(net: Simulation): number {
  return net.stack.registrar.location.size
}

describe('a REGISTER', () => {
  // RFC 3261 §10.3 step 8
  test('is answered 200 with what is registered, a To tag, the Date, and no Record-Route', async () => {
    const { phone, net } = await network()
    const ok = await phone.register({ contact: ['<sip:alice@127.0.0.1:5090>'], lines: ['Record-Route: <sip:edge;lr>'] })
    expect(ok).toMatch(/^SIP\/2\.0 200 OK\r\n/)
    expect(contactsOf(ok)).toEqual(['<sip:alice@127.0.0.1:5090>;expires=3600'])
    expect(header(ok, 'To')).toMatch(/;tag=./)
    expect(header(ok, 'Date')).toBe('Thu, 01 Jan 2026 00:00:00 GMT')
    expect(header(ok, 'Record-Route')).toBeUndefined()
    expect(net.log).toEqual([])
  })

  test('is refused with Min-Expires when it asks for too little', async () => {
    const { phone, net } = await network({ registrar: { minExpires: 300 } })
    const refused = await phone.register({ contact: ['<sip:alice@127.0.0.1:5090>;expires=299'] })
    expect(refused).toMatch(/^SIP\/2\.0 423 Interval Too Brief\r\n/)
    expect(header(refused, 'Min-Expires')).toBe('300')
    expect(contacts(net)).toBe(0)
  })

  test('that comes twice is answered twice and taken once', async () => {
    const { phone, net } = await network()
    const asked = { contact: ['<sip:alice@127.0.0.1:5090>'], branch: 'z9hG4bKsame' }
    await phone.register(asked)
    await net.advance('5s')
    await phone.register(asked)
    expect(phone.received).toHaveLength(2)
    expect(phone.received[1]).toBe(phone.received[0])
  })

  test('that was overtaken changes nothing', async () => {
    const { phone } = await network()
    await phone.register({ contact: ['<sip:alice@127.0.0.1:5090>'], cseq: 2 })
    const late = await phone.register({ contact: ['<sip:alice@127.0.0.1:5090>;expires=0'], cseq: 1 })
    expect(late).toMatch(/^SIP\/2\.0 500 /)
    expect(contactsOf(await phone.register({ callId: 'query' }))).toHaveLength(1)
  })

  test('is a final action: the first one wins', async () => {
    const net = await simulate({ routes: 'test/scenarios/routes/registrar-twice.ts' })
    const phone = new Registrant(net)
    expect(await phone.register({ contact: ['<sip:alice@127.0.0.1:5090>'] })).toMatch(/^SIP\/2\.0 200 /)
    expect(logged(net, 'warn')).toEqual([
      expect.stringMatching(/reply\(404\) does nothing: registrar\.save at .*:6:\d+/),
    ])
    expect(contacts(net)).toBe(1)
    const wire = phone.wire({ contact: ['<sip:b@127.0.0.1:5091>'], cseq: 2 }).replace('sip:127', 'sip:before@127')
    net.network.put({ from: '127.0.0.3:5060', to: '127.0.0.1:5080', wire })
    await net.advance(0)
    expect(phone.received.at(-1)).toMatch(/^SIP\/2\.0 403 /)
    expect(contacts(net)).toBe(1)
  })

  test('is taken as the route has left it', async () => {
    const net = await simulate({ routes: 'test/scenarios/routes/registrar-edited.ts' })
    const phone = new Registrant(net)
    for (const cseq of [1, 2]) {
      const ok = await phone.register({ contact: ['<sip:alice@192.168.1.5>'], cseq })
      expect(contactsOf(ok)).toEqual(['<sip:alice@127.0.0.3:5060>;expires=120'])
    }
    expect(contacts(net)).toBe(1)
  })

  test('is what save() is for: another method is the route’s mistake', async () => {
    const { net, caller } = await network()
    expect(await caller.invite('sip:misused@127.0.0.1:5080')).toBeAnsweredWith(500)
    expect(logged(net, 'error')).toEqual([
      expect.stringMatching(/answers a REGISTER, and this is INVITE[^]*routes\/registrar\.ts:7:\d+/),
    ])
  })
})

describe('RFC 3261 §16.5: a call', () => {
  test('goes to the contact, which is the Request-URI; the trunk’s user is found too', async () => {
    const { net, phone, caller } = await network()
    net.uas(CARRIER, answer())
    await phone.register({ contact: ['<sip:line-7@127.0.0.1:5090;ob>'] })
    for (const callee of [ALICE, 'sip:trunk@127.0.0.1:5080']) {
      const call = await caller.invite(callee)
      expect(call).toBeAnsweredWith(200)
      await net.until(call.bye())
    }
    const invites = sentTo(net, CARRIER, 'INVITE ')
    expect(invites.map(requestUri)).toEqual(['sip:line-7@127.0.0.1:5090;ob', 'sip:line-7@127.0.0.1:5090;ob'])
    expect(sentTo(net, CARRIER, 'BYE ')).toHaveLength(2)
    expect(net.log).toEqual([])
  })

  test('to nobody is the route’s to answer', async () => {
    const { net, caller } = await network()
    expect(await caller.invite(ALICE)).toBeAnsweredWith(404)
    expect(logged(net, 'info')).toEqual(['nobody there'])
  })

  test('to a contact that has expired, or was removed, finds nobody', async () => {
    const { net, phone, caller } = await network()
    net.uas(CARRIER, answer())
    await phone.register({ contact: ['<sip:alice@127.0.0.1:5090>;expires=60'] })
    await net.advance('60s')
    expect(await caller.invite(ALICE)).toBeAnsweredWith(404)
    await phone.register({ contact: ['<sip:alice@127.0.0.1:5090>'], cseq: 2 })
    await phone.register({ contact: ['*'], lines: ['Expires: 0'], cseq: 3 })
    expect(await caller.invite(ALICE)).toBeAnsweredWith(404)
    expect(sentTo(net, CARRIER, '')).toEqual([])
  })

  test('equal q at once, the first to answer has it; lower q is not asked', async () => {
    const { net, phone, caller } = await network()
    net.uas(CARRIER, ringing())
    net.uas(SECOND, answer({ after: '2s' }))
    net.uas(THIRD, answer())
    const contact = ['<sip:a@127.0.0.1:5090>;q=0.8', '<sip:a@127.0.0.1:5091>;q=0.8', '<sip:a@127.0.0.1:5092>;q=0.1']
    await phone.register({ contact })
    expect(await caller.invite(ALICE)).toBeAnsweredWith(200)
    await net.advance('1s')
    expect(sentTo(net, CARRIER, 'CANCEL ')).toHaveLength(1)
    expect(sentTo(net, THIRD, '')).toEqual([])
  })

  test('lower q when all before have failed', async () => {
    const { net, phone, caller } = await network()
    net.uas(CARRIER, reject(486))
    net.uas(SECOND, reject(480))
    net.uas(THIRD, answer())
    const contact = ['<sip:a@127.0.0.1:5092>;q=0.1', '<sip:a@127.0.0.1:5090>', '<sip:a@127.0.0.1:5091>']
    await phone.register({ contact })
    expect(await caller.invite(ALICE)).toBeAnsweredWith(200)
    expect([CARRIER, SECOND, THIRD].map((at) => sentTo(net, at, 'INVITE ').length)).toEqual([1, 1, 1])
  })

  // RFC 3261 §16.10
  test('CANCEL reaches who is asked, and nobody after', async () => {
    const { net, phone, caller } = await network()
    net.uas(CARRIER, ringing())
    net.uas(SECOND, ringing())
    net.uas(THIRD, answer())
    const contact = ['<sip:a@127.0.0.1:5090>', '<sip:a@127.0.0.1:5091>', '<sip:a@127.0.0.1:5092>;q=0.1']
    await phone.register({ contact })
    const call = caller.dial(ALICE)
    await net.advance('1s')
    call.cancel()
    await net.until(call.answered)
    await net.advance('5s')
    expect(call.status).toBe(487)
    expect([CARRIER, SECOND].map((at) => sentTo(net, at, 'CANCEL ').length)).toEqual([1, 1])
    expect(sentTo(net, THIRD, '')).toEqual([])
  })

  test('whose Request-URI the route changes afterwards goes there', async () => {
    const { net, phone, caller } = await network()
    net.uas(CARRIER, answer())
    net.uas(SECOND, silent())
    await phone.register({ user: 'changed', contact: ['<sip:a@127.0.0.1:5091>'] })
    expect(await caller.invite('sip:changed@127.0.0.1:5080')).toBeAnsweredWith(200)
    expect(sentTo(net, CARRIER, 'INVITE ').map(requestUri)).toEqual(['sip:other@127.0.0.1:5090'])
    expect(sentTo(net, SECOND, '')).toEqual([])
  })

  test('has no more branches than limits.branches', async () => {
    const { net, phone, caller } = await network({ limits: { branches: 2 } })
    const addresses = [CARRIER, SECOND, THIRD]
    for (const address of addresses) net.uas(address, reject(486))
    await phone.register({ contact: addresses.map((address, i) => `<sip:a@${address}>;q=0.${i + 1}`) })
    expect(await caller.invite(ALICE)).toBeAnsweredWith(486)
    expect(addresses.map((address) => sentTo(net, address, 'INVITE ').length)).toEqual([0, 1, 1])
  })

  test('in whose dialog a route looks up what is no address finds nothing and goes on along its Route', async () => {
    const { net, phone, caller } = await network()
    net.uas(CARRIER, answer())
    await phone.register({ contact: ['<sip:alice@127.0.0.1:5090>'] })
    const call = await caller.invite(ALICE)
    expect((await net.until(call.send('INFO'))).status).toBe(200)
    expect(logged(net, 'info')).toEqual(['in dialog: false'])
    expect(sentTo(net, CARRIER, 'INFO ')).toHaveLength(1)
    await net.until(call.bye())
  })
})

test('a reload keeps every contact', async () => {
  const { net, phone, caller } = await network()
  net.uas(CARRIER, answer())
  await phone.register({ contact: ['<sip:alice@127.0.0.1:5090>'] })
  await net.reload(routes)
  expect(net.stack.runtime.live.number).toBe(2)
  expect(await caller.invite(ALICE)).toBeAnsweredWith(200)
})

test('a thousand phones at once', async () => {
  const { net, phone } = await network()
  for (let i = 0; i < 1_000; i++)
    phone.put({ user: `u${i}`, callId: `r${i}`, contact: [`<sip:u${i}@127.0.0.1:5090>;expires=60`] })
  await net.advance('1s')
  expect(phone.received.filter((wire) => wire.startsWith('SIP/2.0 200 '))).toHaveLength(1_000)
  expect(contacts(net)).toBe(1_000)
  expect(await net.sql`select count(*) as written from location`).toEqual([{ written: 1_000 }])
  await net.advance('61s')
  expect(contacts(net)).toBe(0)
  await net.advance('1s')
  expect(await net.sql`select count(*) as written from location`).toEqual([{ written: 0 }])
})

test('a phone that is late by less than a second, again and again, leaves one row and then none', async () => {
  const { net, phone } = await network()
  const contact = ['<sip:alice@127.0.0.1:5090>;expires=60']
  await net.advance('500ms')
  for (let cseq = 1; cseq <= 5; cseq++) {
    await phone.register({ contact, cseq })
    await net.advance(60_050)
  }
  await phone.register({ contact, cseq: 6 })
  await net.advance('1s')
  expect(await net.sql`select cseq from location`).toEqual([{ cseq: 6 }])
  await net.advance('61s')
  expect(contacts(net)).toBe(0)
  expect(await net.sql`select cseq from location`).toEqual([])
})

test('limits.bindings: 503 with Retry-After for one more, and the others can be refreshed', async () => {
  const { phone } = await network({ limits: { bindings: 2 } })
  for (const user of ['a', 'b']) await phone.register({ user, contact: ['<sip:x@127.0.0.1:5090>'] })
  const full = await phone.register({ user: 'c', contact: ['<sip:x@127.0.0.1:5090>'] })
  expect(full).toMatch(/^SIP\/2\.0 503 /)
  expect(header(full, 'Retry-After')).toBe('60')
  expect(await phone.register({ user: 'a', contact: ['<sip:x@127.0.0.1:5090>'], cseq: 2 })).toMatch(/^SIP\/2\.0 200 /)
})
