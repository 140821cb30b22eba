/** Trunks kept registered: the REGISTERs on the wire, and what becomes of their answers (RFC 3261 §10.2). */
import { createHash } from 'node:crypto'
import { challenge, registrar, reject, silent, type Behaviour, type Simulation } from '@signalbox/core/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { H } from '../../packages/core/src/message/header-names.ts'
import { ask } from './behaviours.ts'
import { RawPeer } from './raw-peer.ts'
import { insert, REGISTRAR, reload, trunkNetwork, type TrunkOptions } from './trunk-table.ts'

const account = { realm: 'asterisk', username: 'ralice', password: 'secret', status: 401 } as const

async function registered(
  behaviour: Behaviour,
  row: TrunkOptions = {},
  options: Parameters<typeof trunkNetwork>[0] = {},
) {
  const net = await trunkNetwork(options)
  const uas = net.uas(REGISTRAR, behaviour)
  await insert(net, row)
  await reload(net)
  return { net, uas, trunk: net.stack.trunks!.get(row.uuid ?? 'u1')! }
}

test('Case 57: RFC 3261 §10.2: the first REGISTER, its challenge answered with CSeq + 1 and the same Call-ID, registered', async () => {
  const { net, uas, trunk } = await registered(challenge({ ...account, next: registrar() }))
  await net.advance('1s')
  const [first, second] = uas.requests('REGISTER').map((request) => request.toWire().split('\r\n'))
  const branch = /branch=[^;]+/.exec(first![1]!)![0]
  const tag = /tag=.+/.exec(first![3]!)![0]
  expect(first).toEqual([
    'REGISTER sip:127.0.0.2 SIP/2.0',
    `Via: SIP/2.0/UDP 127.0.0.1:5080;${branch};rport=5080;received=127.0.0.1`,
    'To: <sip:ralice@127.0.0.2>',
    `From: <sip:ralice@127.0.0.2>;${tag}`,
    'CSeq: 10 REGISTER',
    expect.stringMatching(/^Call-ID: /),
    'Max-Forwards: 70',
    'Content-Length: 0',
    expect.stringMatching(/^Contact: <sip:u1@127\.0\.0\.1:5080;sb=[0-9a-f]{10}>$/),
    'Expires: 60',
    '',
    '',
  ])
  expect(second).toEqual([
    ...first!.slice(0, 1),
    expect.not.stringContaining(branch),
    ...first!.slice(2, 4),
    'CSeq: 11 REGISTER',
    ...first!.slice(5, 10),
    expect.stringMatching(/^Authorization: Digest username="ralice", realm="asterisk", .*uri="sip:127.0.0.2"/),
    '',
    '',
  ])
  expect(trunk.state).toBe('registered')
  expect(trunk.granted).toBe(60)
})

test.each([
  [{}, /^<sip:u1@127\.0\.0\.1:5080;sb=\w+>$/],
  [{ contactAddress: '192.0.2.9:5062;transport=udp' }, /^<sip:u1@192\.0\.2\.9:5062;transport=udp;sb=\w+>$/],
  [{ contactUser: '+4930123' }, /^<sip:\+4930123@127\.0\.0\.1:5080;line=u1;sb=\w+>$/],
])('Case 58: Contact of %j', async (row, contact) => {
  const { net, uas, trunk } = await registered(registrar(), row)
  await net.advance('1s')
  expect(uas.requests('REGISTER')[0]!.value(H.Contact)).toMatch(contact)
  expect(trunk.state).toBe('registered')
})

test.each([
  ['what may not stand there is escaped', 'Käthe', 'K%C3%A4the'],
  ['escapes and parameters stay', 'a%20b;x=1', 'a%20b;x=1'],
])('RFC 3261 §25.1: the user of a row in its address of record: %s', async (_, account, written) => {
  const { net, uas } = await registered(registrar(), { account })
  await net.advance('1s')
  expect(uas).toHaveReceived(`To: <sip:${written}@127.0.0.2>`)
})

test('Case 58: the address of the config goes before that of the socket', async () => {
  const { net, uas } = await registered(registrar(), {}, { registration: { contact: 'sip.example' } })
  await net.advance('1s')
  expect(uas.requests('REGISTER')[0]!.value(H.Contact)).toMatch(/^<sip:u1@sip\.example;sb=/)
})

test.each([
  [
    'among others',
    (own: string) => ['<sip:other@x>;expires=7', `${own};expires=40`, '<sip:third@y>;expires=9'],
    {},
    40,
  ],
  [
    'with another user and host',
    (own: string) => ['<sip:u1@x>;expires=7', own.replace(/sip:[^;]+/, 'sip:z@z') + ';expires=40'],
    {},
    40,
  ],
  [
    'after what we bound from an address that we have left',
    (own: string) => [own.replace('@127.0.0.1:5080', '@10.9.9.9:5060') + ';expires=3593', `${own};expires=40`],
    {},
    40,
  ],
  [
    'by its address among those with our cookie, though its user is rewritten',
    (own: string) => [
      own.replace('@127.0.0.1:5080', '@10.9.9.9:5060') + ';expires=3593',
      own.replace('sip:u1@', 'sip:z@') + ';expires=40',
    ],
    {},
    40,
  ],
  ['by its line alone', () => ['<sip:x@x>;expires=7', '<sip:z@z;line=u1>;expires=40'], { contactUser: 'n' }, 40],
  ['by its user alone', () => ['<sip:x@x>;expires=7', '<sip:u1@z>;expires=40'], {}, 40],
  ['by its address alone', () => ['<sip:x@x>;expires=7', '<sip:z@127.0.0.1:5080>;expires=40'], {}, 40],
  ['as the only one, with nothing left of it', () => ['<sip:z@z>;expires=40'], {}, 40],
])('Case 59: our Contact %s', async (_, list, row, seconds) => {
  const { net, trunk } = await registered(registrar({ list }), row)
  await net.advance('1s')
  expect([trunk.state, trunk.granted]).toEqual(['registered', seconds])
})

test('Case 59: and where nothing of ours is left of the only one, that is said', async () => {
  const { net, trunk } = await registered(registrar({ list: () => ['<sip:z@z>;expires=40'] }))
  await net.advance('1s')
  expect(trunk.note).toMatch(/the only Contact .* is taken for ours, rewritten/)
  expect(net.log.map(({ message }) => message).join('\n')).toContain(
    'registering → registered for 40 s: the only Contact',
  )
  const other = await registered(registrar())
  await other.net.advance('1s')
  expect(other.trunk.note).toBe('')
})

test.each([
  ['a phone, by its instance', '<sip:z@z>;+sip.instance="<urn:uuid:1>";expires=40', {}],
  ['another trunk, by its cookie', '<sip:u1@127.0.0.1:5080;sb=0123456789>;expires=40', {}],
  ['another trunk, by its line', '<sip:n@127.0.0.1:5080;line=u2>;expires=40', { contactUser: 'n' }],
])(
  'Case 59: RFC 3261 §10.2.4: the only one is not ours where somebody else has bound it: %s',
  async (_, contact, row) => {
    const { net, trunk } = await registered(registrar({ list: () => [contact] }), row)
    await net.advance('1s')
    expect([trunk.state, trunk.reason]).toEqual(['failed', 'the 200 lists 1 binding, and none is ours'])
  },
)

test.each([
  ['none of several is ours', { list: () => ['<sip:x@x>', '<sip:y@y>'] }, /lists 2 bindings, and none is ours/],
  ['none', { list: () => [] }, /lists no binding/],
  ['a star', { list: () => ['*'] }, /lists no binding/],
  ['0 seconds', { grant: 0 }, /granted 0 seconds/],
])('Case 59: a 200 that lists %s is a failure with its reason, and paced', async (_, options, reason) => {
  const { net, uas, trunk } = await registered(registrar(options))
  await net.advance('29s')
  expect(trunk.state).toBe('failed')
  expect(trunk.reason).toMatch(reason)
  expect(uas.requests('REGISTER')).toHaveLength(1)
  await net.advance('10s')
  expect(uas.requests('REGISTER')).toHaveLength(2)
})

test.each([
  ['in the header alone', { says: 'header', grant: 40 }, 40],
  ['nowhere: what was asked', { says: 'nothing', grant: 40 }, 60],
  ['as nonsense: what was asked', { grant: 'soon' }, 60],
  ['as 2^32: a week', { grant: 2 ** 32 }, 604_800],
] as const)('Case 60: RFC 3261 §10.2.1.1: the granted time %s', async (_, options, seconds) => {
  const { net, uas, trunk } = await registered(registrar(options))
  await net.advance('20s')
  expect([trunk.state, trunk.granted]).toEqual(['registered', seconds])
  expect(uas.requests('REGISTER')).toHaveLength(1)
})

test.each([
  [6, 46],
  [20, 46],
  [60, 31],
  [300, 26],
  [3_600, 26],
])('Case 61: RFC 3261 §10.2.4: %i s with any interval never lapse', async (expires, most) => {
  const books = registrar()
  const { net, uas, trunk } = await registered(books, { expires }, { registration: { interval: 900 } })
  await net.advance(`${expires * 20}s`)
  const sent = uas.requests('REGISTER')
  expect(books.lapses).toBe(0)
  expect(trunk.state).toBe('registered')
  expect(sent.length).toBeGreaterThanOrEqual(21)
  expect(sent.length).toBeLessThanOrEqual(most)
})

test('Case 61: 60 s never lapse with a registrar that takes up to 4 s for each answer and challenges each time', async () => {
  const slowly = fc.record({
    delays: fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 20 }),
    lost: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 20 }),
    interval: fc.constantFrom(1, 30, 90, 900),
  })
  const property = fc.asyncProperty(slowly, async ({ delays, lost, interval }) => {
    const books = registrar()
    const carrier = slow(delays, challengeEachTime(books))
    const { net, trunk } = await registered(carrier, {}, { registration: { interval } })
    net.filter = losing(lost)
    await net.advance('30s')
    for (let minute = 0; minute < 15; minute++) {
      await net.advance('60s')
      expect(trunk.isBound).toBe(true)
    }
    expect(books.lapses).toBe(0)
    const said = net.log.map(({ message }) => message)
    expect(said.filter((message) => /event u1: \w+ > failed|refreshing > registering/.test(message))).toEqual([])
    await net.close()
  })
  await fc.assert(property, { numRuns: 25 })
}, 30_000)

/** Every accepted REGISTER uses its nonce up. */
function challengeEachTime(next: Behaviour): Behaviour {
  let nonces = 0
  const fresh = (): Behaviour => challenge({ ...account, nonce: `nonce${++nonces}`, next: accepted })
  const accepted: Behaviour = (incoming) => {
    ask = fresh()
    next(incoming)
  }
  let ask = fresh()
  return (incoming) => ask(incoming)
}

/** So many of the first sendings of each request are lost, in turn: the next comes T1, or T1 and 2 × T1, later. */
function losing(lost: readonly number[]): Simulation['filter'] {
  const sent = new Map<string, number>()
  return ({ wire, to }) => {
    if (to !== REGISTRAR) return 1
    const times = (sent.get(wire) ?? 0) + 1
    sent.set(wire, times)
    return times > lost[sent.size % lost.length]! ? 1 : 0
  }
}

/** Each answer takes its time, in turn. */
function slow(delays: readonly number[], behaviour: Behaviour): Behaviour {
  let asked = 0
  return (incoming) => incoming.after(delays[asked++ % delays.length]!, () => behaviour(incoming))
}

test('Case 61: refreshes keep Call-ID and tag, raise CSeq, and answer with the cached nonce in one round trip', async () => {
  const { net, uas } = await registered(challenge({ ...account, qop: 'auth', next: registrar() }))
  await net.advance('10m')
  const sent = uas.requests('REGISTER')
  expect(new Set(sent.map(({ callId }) => callId)).size).toBe(1)
  expect(new Set(sent.map(({ fromTag }) => fromTag)).size).toBe(1)
  expect(sent.map(({ cseq }) => cseq!.number)).toEqual(sent.map((_, index) => 10 + index))
  const counts = sent.map((request) => /nc=(\d+)/.exec(request.value(H.Authorization) ?? '')?.[1])
  expect(counts.slice(0, 4)).toEqual([undefined, '00000001', '00000002', '00000003'])
  expect(sent.length).toBeLessThan(17)
})

test('Case 61: a nonce that a refresh finds stale is answered anew, and nothing lapses', async () => {
  const books = registrar()
  const { net, trunk } = await registered(challenge({ ...account, qop: 'auth', stale: 1, next: books }))
  await net.advance('5m')
  expect(books.lapses).toBe(0)
  expect(trunk.state).toBe('registered')
})

test('Case 61: a registrar that asks for each REGISTER, with the same nonce, is answered when it asks, and nothing lapses', async () => {
  const books = registrar()
  let asks = false
  const { net, uas, trunk } = await registered((incoming) => {
    asks = !asks
    return (asks ? ask('nonce="always"', 401) : books)(incoming)
  })
  await net.advance('50s')
  // The refresh came with an answer, which was refused: it is asked for then, and before each later one.
  const answered = (): boolean[] => uas.requests('REGISTER').map((request) => request.has(H.Authorization))
  expect(answered()).toEqual([false, true, true, false])
  await net.advance('10m')
  expect([books.lapses, trunk.state, trunk.reason]).toEqual([0, 'registered', ''])
  expect(answered().slice(4, 8)).toEqual([false, true, false, true])
})

test('what the registrar answered is shown in UTF-8', async () => {
  const net = await trunkNetwork()
  const peer = new RawPeer(net, REGISTRAR)
  await insert(net)
  await reload(net)
  const answer = peer.received[0]!.replace(/^.*/, `SIP/2.0 403 ${Buffer.from('Für immer').toString('latin1')}`)
  await peer.send(answer)
  const { lastAnswer, reason } = net.stack.trunks!.get('u1')!
  expect([lastAnswer, reason]).toEqual(['403 Für immer', '403 Für immer'])
})

test('Case 62: RFC 3261 §10.2.8: 423 is heeded at once and once, and kept', async () => {
  const { net, uas, trunk } = await registered(registrar({ minExpires: 300 }))
  await net.advance('1s')
  expect(uas.requests('REGISTER').map((request) => request.value(H.Expires))).toEqual(['60', '300'])
  expect([trunk.state, trunk.granted]).toEqual(['registered', 300])
  await net.advance('300s')
  expect(uas.requests('REGISTER').map((request) => request.value(H.Expires))).toEqual(['60', '300', '300'])
})

test.each([4_294_967_296, 'soon', 10, ''])('Case 62: an absurd Min-Expires %j is bounded', async (minExpires) => {
  const { net, uas, trunk } = await registered((incoming) => {
    incoming.answer(423, minExpires === '' ? {} : { 'Min-Expires': String(minExpires) })
  })
  await net.advance('20s')
  expect(trunk.state).toBe('failed')
  expect(trunk.reason).toMatch(/^423: the registrar wants at least/)
  expect(uas.requests('REGISTER').length).toBeLessThanOrEqual(2)
})

test('Case 63: 403 with retry 0 disables: one REGISTER for ever', async () => {
  const { net, uas, trunk } = await registered(reject(403), {}, { registration: { retryInterval: 0, interval: 5 } })
  await net.advance('1h')
  expect(uas.requests('REGISTER')).toHaveLength(1)
  expect([trunk.state, trunk.reason]).toEqual(['disabled', '403 Forbidden'])
})

test('Case 63: with retry 6 the next comes after 6 s or more, each later than the one before', async () => {
  const times: number[] = []
  const { net } = await registered(
    (incoming) => {
      times.push(incoming.agent.timers.clock.now() / 1_000)
      incoming.answer(403)
    },
    {},
    { registration: { retryInterval: 6 } },
  )
  await net.advance('1h')
  const gaps = times.slice(1).map((time, index) => time - times[index]!)
  for (const [index, gap] of gaps.slice(0, 6).entries()) {
    expect(gap).toBeGreaterThanOrEqual(6 * 2 ** index)
    expect(gap).toBeLessThan(6 * 2 ** index * 1.3)
  }
  expect(Math.max(...gaps)).toBeLessThanOrEqual(751)
})

test.each([
  ['refused with 403', 403, 30],
  ['refused with 404', 404, 30],
  ['refused with 603', 603, 30],
  ['answered with 503', 503, 2],
  ['answered with 500', 500, 2],
])(
  'Case 63: a refresh that is %s while a binding lasts: %i is tried again after %i s or more',
  async (_, status, least) => {
    const times: number[] = []
    const books = registrar()
    const { net } = await registered(
      (incoming) => {
        times.push(incoming.agent.timers.clock.now() / 1_000)
        if (times.length === 1) books(incoming)
        else incoming.answer(status)
      },
      {},
      { registration: { retryInterval: 30 } },
    )
    await net.advance('100s')
    const [, refresh, again] = times
    expect(again! - refresh!).toBeGreaterThanOrEqual(least)
    if (least < 30) expect(again! - refresh!).toBeLessThan(30)
  },
)

test.each([
  ['100', 100],
  ['100 (in maintenance);duration=10', 100],
  ['4294967296', 3_600],
])('Case 63: Retry-After %s is honoured, bounded', async (value, seconds) => {
  const { net, uas } = await registered(reject(503, { 'Retry-After': value }))
  await net.advance((seconds - 2) * 1_000)
  expect(uas.requests('REGISTER')).toHaveLength(1)
  await net.advance(10_000)
  expect(uas.requests('REGISTER')).toHaveLength(2)
})

test('Case 64: another realm: a failure that names both, and nothing answered', async () => {
  const { net, uas, trunk } = await registered(challenge({ ...account, realm: 'sip-1.pb' }), { realm: 'voice.example' })
  await net.advance('1s')
  expect(trunk.reason).toBe('401: realms do not match: the registrar asks for "sip-1.pb", the row says "voice.example"')
  expect(net.log.map(({ message }) => message).join('\n')).toContain('"sip-1.pb", the row says "voice.example"')
  expect(uas.requests('REGISTER')).toHaveLength(1)
})

test('Case 64: an empty realm is any', async () => {
  const { net, trunk } = await registered(challenge({ ...account, realm: 'sip-1.pb', next: registrar() }))
  await net.advance('1s')
  expect(trunk.state).toBe('registered')
})

test('Case 65: a wrong password costs two REGISTERs per attempt, and stands in no log', async () => {
  const { net, uas, trunk } = await registered(challenge(account), { password: 's3cr3t' })
  await net.advance('1s')
  expect(uas.requests('REGISTER')).toHaveLength(2)
  expect(trunk.reason).toBe('401: the credentials of "ralice" were rejected')
  await net.advance('38s')
  expect(uas.requests('REGISTER')).toHaveLength(4)
  expect(JSON.stringify([net.log, trunk.reason])).not.toContain('s3cr3t')
})

test('Case 65: a password that becomes wrong costs two as well, though a nonce is known', async () => {
  let password = 'secret'
  const { net, uas } = await registered((incoming) => challenge({ ...account, password, next: registrar() })(incoming))
  await net.advance('1s')
  const before = uas.requests('REGISTER').length
  password = 'changed'
  await net.advance('51s')
  expect(uas.requests('REGISTER').length - before).toBe(2)
})

test('Case 65: a stale nonce allows a third', async () => {
  const { net, uas, trunk } = await registered(challenge({ ...account, stale: 1, next: registrar() }))
  await net.advance('1s')
  expect(uas.requests('REGISTER')).toHaveLength(3)
  expect(trunk.state).toBe('registered')
})

test('Case 65: an HA1 does, in capitals too', async () => {
  const ha1 = createHash('md5').update('ralice:asterisk:secret').digest('hex').toUpperCase()
  const { net, trunk } = await registered(challenge({ ...account, next: registrar() }), { password: '', ha1 })
  await net.advance('1s')
  expect(trunk.state).toBe('registered')
})

test('Case 66: no answer: a failure after 64 × T1, and never two transactions at a time', async () => {
  const { net, uas, trunk } = await registered(silent(), {}, { registration: { interval: 5, retryInterval: 1 } })
  await net.advance('31s')
  expect(trunk.state).toBe('registering')
  expect(uas.requests('REGISTER')).toHaveLength(1)
  await net.advance('2s')
  expect(trunk.state).toBe('failed')
  expect([trunk.reason, trunk.lastAnswer]).toEqual(['sip:127.0.0.2:5060 did not answer', 'no answer'])
  let most = 0
  for (let second = 0; second < 600; second++) {
    await net.advance('1s')
    most = Math.max(most, net.stack.proxy.layer.clients)
  }
  expect(most).toBe(1)
})

test('Case 66: a refresh that nobody answers leaves it registered until the binding lapses, then it comes back', async () => {
  const books = registrar()
  let isDead = false
  const { net, trunk } = await registered((incoming) => isDead || books(incoming), { expires: 600 })
  await net.advance('1s')
  isDead = true
  await net.advance('560s')
  expect(['registered', 'refreshing']).toContain(trunk.state)
  expect(trunk.isBound).toBe(true)
  expect(trunk.reason).toContain('did not answer')
  await net.advance('60s')
  expect(trunk.isBound).toBe(false)
  expect(['failed', 'registering']).toContain(trunk.state)
  isDead = false
  await net.advance('20m')
  expect([trunk.state, trunk.reason]).toEqual(['registered', ''])
})

test('a registrar whose name is unknown: why is said, and tried again', async () => {
  const { net, trunk } = await registered(registrar(), { proxy: 'sip:nowhere.example' })
  await net.advance('1s')
  expect(trunk.reason).toMatch(/could not be sent to sip:nowhere\.example: nowhere\.example is not among the names/)
  net.names.set('nowhere.example', '127.0.0.2')
  await net.advance('60s')
  expect(trunk.state).toBe('registered')
})

test('expires 0 is never registered', async () => {
  const { net, uas, trunk } = await registered(registrar(), { expires: 0 })
  await net.advance('1h')
  expect(uas.received).toEqual([])
  expect([trunk.state, trunk.reason]).toEqual(['idle', 'expires is 0: it is never registered'])
})

test('Case 70: reg_delay passes before the first', async () => {
  const { net, uas } = await registered(registrar(), { delay: 10 })
  await net.advance(9_900)
  expect(uas.received).toHaveLength(0)
  await net.advance(200)
  expect(uas.received).toHaveLength(1)
})

test('Case 72: an event for every transition', async () => {
  const { net } = await registered(registrar())
  await net.advance('51s')
  const events = net.log.map(({ message }) => message).filter((message) => message.startsWith('event'))
  expect(events).toEqual([
    'event u1: idle > registering (0)',
    'event u1: registering > registered (60)',
    expect.stringMatching(/^event u1: registered > refreshing \(1\d\)$/),
    'event u1: refreshing > registered (60)',
  ])
})

test('a name that resolves a moment too late binds nothing that could not be called', async () => {
  const net = await trunkNetwork()
  const uas = net.uas(REGISTRAR, registrar())
  let isFirst = true
  net.names.get = (name) => {
    const known = isFirst ? undefined : '127.0.0.2'
    isFirst = false
    return name === 'late.example' ? known : undefined
  }
  await insert(net, { proxy: 'sip:late.example' })
  await reload(net)
  await net.advance('1s')
  expect(net.stack.trunks!.get('u1')!.reason).toMatch(/late\.example is not among the names/)
  await net.advance('60s')
  expect(uas.requests('REGISTER').map((request) => request.value(H.Contact))).toEqual([
    expect.stringMatching(/^<sip:u1@127\.0\.0\.1:5080;/),
  ])
})
