/** What the layer does with time and bytes: every timer's duration, retransmissions, errors. Matching is `matching.test.ts`. */
import { describe, expect, it } from 'vitest'
import { H } from '../message/header-names.ts'
import { LayerRig, parsed, response, requestText } from '../testing/layer-rig.ts'
import { ackWire, makeCancel } from './ack-and-cancel.ts'
import { defaultTimes } from './durations.ts'

const T1 = 500
const T2 = 4_000
const T4 = 5_000
const AGES = 64 * T1

/** Everything is over: no transaction, no timer. */
function expectEmpty({ layer, timers }: LayerRig): void {
  expect({ clients: layer.clients, servers: layer.servers, timers: timers.size }).toEqual({
    clients: 0,
    servers: 0,
    timers: 0,
  })
}

/** Lets time pass until the last transaction is gone and says how long that took; at most 64 × T1 more. */
function lifetime(rig: LayerRig): number {
  const from = rig.clock.now()
  for (let due = rig.clock.next(); rig.layer.clients + rig.layer.servers > 0; due = rig.clock.next()) {
    if (due > from + 2 * AGES) throw new Error('a transaction stays')
    rig.clock.goTo(due)
  }
  expectEmpty(rig)
  return rig.clock.now() - from
}

describe('INVITE client', () => {
  it('RFC 3261 §17.1.1.2: timer A doubles while calling, timer B ends it after 64 × T1', () => {
    const rig = new LayerRig()
    rig.send()
    rig.clock.advance(AGES - 1)
    expect(rig.socket.times('INVITE')).toEqual([0, 1, 3, 7, 15, 31, 63].map((n) => n * T1))
    expect(rig.heard).toEqual([])
    rig.clock.advance(1)
    expect(rig.heard).toEqual(['timeout'])
    expectEmpty(rig)
  })

  it('RFC 3261 §17.1.1.2: every retransmission is the request to the byte', () => {
    const rig = new LayerRig()
    rig.send('INVITE', ['X-Odd :  as it came'])
    rig.clock.advance(AGES)
    expect(new Set(rig.socket.sent.map(({ wire }) => wire)).size).toBe(1)
  })

  it('RFC 3261 §17.1.1.2: a provisional response ends retransmission, and timer B no longer applies', () => {
    const rig = new LayerRig()
    const client = rig.send()
    rig.clock.advance(T1)
    rig.answer(client, 100)
    rig.answer(client, 180)
    rig.clock.advance(180_000)
    expect(rig.socket.times('INVITE')).toEqual([0, T1])
    expect([rig.heard, client.state]).toEqual([['100', '180'], 'proceeding'])
  })

  it.each([
    ['calling', []],
    ['proceeding', [100, 180]],
  ])('RFC 6026 §8.4: a 2xx while %s is passed, and so is every further one until timer M', (_, before) => {
    const rig = new LayerRig()
    const client = rig.send()
    for (const status of before) rig.answer(client, status)
    rig.answer(client, 200)
    rig.clock.advance(AGES - 1)
    rig.answer(client, 200, 'another-fork')
    rig.answer(client, 180)
    rig.answer(client, 486)
    expect(rig.heard).toEqual([...before.map(String), '200', '200'])
    expect(rig.socket.summary).toEqual(['INVITE'])
    rig.clock.advance(1)
    expectEmpty(rig)
  })

  it('RFC 3261 §17.1.1.2: the ACK to a failure is sent for each copy of it, the failure passed once, until timer D', () => {
    const rig = new LayerRig()
    const client = rig.send()
    rig.answer(client, 486)
    rig.clock.advance(T1)
    rig.answer(client, 486)
    rig.answer(client, 200)
    expect(rig.heard).toEqual(['486'])
    expect(rig.socket.times('ACK')).toEqual([0, T1])
    expect(lifetime(rig)).toBe(32_000 - T1)
  })

  it.each([
    [100, 32_000],
    [500, 32_000],
    [1_000, 64_000],
  ])('RFC 3261 §17.1.1.2: with T1 of %d ms timer D is %d ms, never under 32 s', (t1, d) => {
    const rig = new LayerRig({ times: { ...defaultTimes, t1 } })
    rig.answer(rig.send(), 503)
    expect(lifetime(rig)).toBe(d)
  })

  it('RFC 3261 §17.1.4: a transport error while calling is told, and ends it', () => {
    const rig = new LayerRig()
    rig.send()
    rig.socket.failLast()
    expect(rig.heard).toEqual(['transport error: unreachable'])
    expectEmpty(rig)
  })

  it('RFC 3261 §17.1.1.2: an ACK that cannot be sent is told, and ends it', () => {
    const rig = new LayerRig()
    rig.answer(rig.send(), 486)
    rig.socket.failLast()
    expect(rig.heard).toEqual(['486', 'transport error: unreachable'])
    expectEmpty(rig)
  })

  it('RFC 3261 §9.1: one that was cancelled in vain can be abandoned; one that has its answer stays for copies', () => {
    const rig = new LayerRig()
    const ringing = rig.send()
    rig.answer(ringing, 180)
    ringing.abandon()
    rig.send().abandon()
    expectEmpty(rig)
    const answered = rig.send()
    rig.answer(answered, 200)
    answered.abandon()
    expect([answered.state, rig.heard]).toEqual(['accepted', ['180', '200']])
  })
})

describe('non-INVITE client', () => {
  it('RFC 3261 §17.1.2.2: timer E doubles up to T2, timer F ends it after 64 × T1', () => {
    const rig = new LayerRig()
    rig.send('OPTIONS')
    rig.clock.advance(AGES)
    const later = Array.from({ length: 8 }, (_, i) => 7 * T1 + i * T2)
    expect(rig.socket.times('OPTIONS')).toEqual([0, T1, 3 * T1, ...later])
    expect(rig.heard).toEqual(['timeout'])
    expectEmpty(rig)
  })

  it('RFC 3261 §17.1.2.2: after a provisional response timer E is T2, and timer F still runs', () => {
    const rig = new LayerRig()
    const client = rig.send('OPTIONS')
    rig.answer(client, 100)
    rig.clock.advance(AGES)
    expect(rig.socket.times('OPTIONS')).toEqual([0, ...Array.from({ length: 8 }, (_, i) => T1 + i * T2)])
    expect(rig.heard).toEqual(['100', 'timeout'])
    expectEmpty(rig)
  })

  it.each([200, 404, 603])(
    'RFC 3261 §17.1.2.2: a %d is passed once, and copies are absorbed for T4 (timer K)',
    (status) => {
      const rig = new LayerRig()
      const client = rig.send('OPTIONS')
      for (const each of [status, status, 100, 500]) rig.answer(client, each)
      expect(rig.heard).toEqual([String(status)])
      expect(lifetime(rig)).toBe(T4)
      expect(rig.socket.summary).toEqual(['OPTIONS'])
    },
  )

  it('RFC 3261 §17.1.4: a transport error is told before a final response, not after', () => {
    const rig = new LayerRig()
    rig.answer(rig.send('OPTIONS'), 100)
    rig.socket.failLast()
    expect(rig.heard).toEqual(['100', 'transport error: unreachable'])
    rig.answer(rig.send('OPTIONS'), 200)
    rig.socket.failLast()
    expect(rig.heard).toEqual(['100', 'transport error: unreachable', '200'])
  })
})

describe('INVITE server', () => {
  const ACK = { method: 'ACK', to: '<sip:bob@example.net>;tag=b' }

  it('RFC 3261 §17.2.1: a retransmission gets the latest provisional response and nothing before one', () => {
    const rig = new LayerRig()
    const server = rig.serve()
    rig.receive()
    expect(rig.socket.summary).toEqual([])
    for (const status of [100, 180]) server.respond(response(server.request, status))
    rig.receive()
    expect(rig.socket.summary).toEqual(['SIP/2.0 100', 'SIP/2.0 180', 'SIP/2.0 180'])
    expect(rig.heard).toEqual(['request INVITE'])
  })

  it('RFC 3261 §17.2.1: timer G doubles up to T2 until timer H ends the wait for an ACK', () => {
    const rig = new LayerRig()
    const server = rig.serve()
    server.respond(response(server.request, 486))
    rig.clock.advance(AGES)
    const later = Array.from({ length: 8 }, (_, i) => 7 * T1 + i * T2)
    expect(rig.socket.times('SIP/2.0 486')).toEqual([0, T1, 3 * T1, ...later])
    expect(rig.heard).toEqual(['request INVITE', 'terminated'])
    expectEmpty(rig)
  })

  it('RFC 3261 §17.2.1: the ACK ends retransmission; more of them, and the INVITE, are absorbed for T4 (timer I)', () => {
    const rig = new LayerRig()
    const server = rig.serve()
    server.respond(response(server.request, 486))
    rig.clock.advance(T1)
    rig.receive(ACK)
    rig.receive(ACK)
    rig.receive()
    expect(lifetime(rig)).toBe(T4)
    expect(rig.socket.times()).toEqual([0, T1])
    expect(rig.heard).toEqual(['request INVITE', 'terminated'])
  })

  it('RFC 3261 §17.2.1: a retransmitted INVITE gets the failure again before timer G', () => {
    const rig = new LayerRig()
    const server = rig.serve()
    server.respond(response(server.request, 486))
    rig.clock.advance(100)
    rig.receive()
    expect(rig.socket.times('SIP/2.0 486')).toEqual([0, 100])
  })

  it('RFC 6026 §7.1: after a 2xx, INVITEs are absorbed and 2xx go through, for 64 × T1 (timer L)', () => {
    const rig = new LayerRig()
    const server = rig.serve()
    for (const status of [200, 200, 180, 486]) server.respond(response(server.request, status))
    rig.receive()
    expect(rig.socket.summary).toEqual(['SIP/2.0 200', 'SIP/2.0 200'])
    expect(lifetime(rig)).toBe(AGES)
    rig.receive()
    expect(rig.heard).toEqual(['request INVITE', 'terminated', 'request INVITE'])
  })

  it('RFC 6026 §7.1: an ACK to the 2xx with the branch of the INVITE is the user’s all the same', () => {
    const rig = new LayerRig()
    const server = rig.serve()
    server.respond(response(server.request, 200))
    rig.receive(ACK)
    expect(rig.heard).toEqual(['request INVITE', 'ack'])
  })

  it('RFC 3261 §17.2.1: only the first failure goes out', () => {
    const rig = new LayerRig()
    const server = rig.serve()
    for (const status of [486, 500, 200, 180]) server.respond(response(server.request, status))
    expect(rig.socket.summary).toEqual(['SIP/2.0 486'])
    expect(server.status).toBe(486)
  })

  it('RFC 3261 §17.2.4: a failure that cannot be sent ends it', () => {
    const rig = new LayerRig()
    const server = rig.serve()
    server.respond(response(server.request, 180))
    rig.socket.failLast()
    expect(server.state).toBe('proceeding')
    server.respond(response(server.request, 486))
    rig.socket.failLast()
    expect(rig.heard).toEqual(['request INVITE', 'terminated'])
    expectEmpty(rig)
  })

  it('a dropped one answers nothing, absorbs copies for 64 × T1, and owes nothing', () => {
    const rig = new LayerRig()
    const server = rig.serve()
    expect([rig.layer.unanswered(), server.isFinal]).toEqual([1, false])
    server.drop()
    rig.receive()
    expect([rig.layer.unanswered(), server.isFinal, rig.socket.sent.length]).toEqual([0, true, 0])
    expect(lifetime(rig)).toBe(AGES)
  })
})

describe('non-INVITE server', () => {
  it('RFC 3261 §17.2.2: retransmissions are ignored while trying, and answered as last answered afterwards', () => {
    const rig = new LayerRig()
    const server = rig.serve({ method: 'OPTIONS' })
    const again = (): void => rig.receive({ method: 'OPTIONS' })
    again()
    server.respond(response(server.request, 100))
    again()
    server.respond(response(server.request, 200))
    again()
    expect(rig.socket.summary).toEqual(['SIP/2.0 100', 'SIP/2.0 100', 'SIP/2.0 200', 'SIP/2.0 200'])
    expect(rig.heard).toEqual(['request OPTIONS'])
  })

  it.each([200, 404])('RFC 3261 §17.2.2: a %d is kept for 64 × T1 (timer J), and is the only final one', (status) => {
    const rig = new LayerRig()
    const server = rig.serve({ method: 'OPTIONS' })
    for (const each of [status, 200, 500, 180]) server.respond(response(server.request, each))
    expect(rig.socket.summary).toEqual([`SIP/2.0 ${status}`])
    expect(lifetime(rig)).toBe(AGES)
  })

  it('RFC 3261 §17.2.4: a response that cannot be sent ends it', () => {
    const rig = new LayerRig()
    const server = rig.serve({ method: 'OPTIONS' })
    server.respond(response(server.request, 200))
    rig.socket.failLast()
    expect(rig.heard).toEqual(['request OPTIONS', 'terminated'])
    expectEmpty(rig)
  })

  it('a dropped one is silent for 64 × T1', () => {
    const rig = new LayerRig()
    rig.serve({ method: 'OPTIONS' }).drop()
    rig.receive({ method: 'OPTIONS' })
    expect([rig.socket.sent, lifetime(rig)]).toEqual([[], AGES])
  })
})

describe('over a reliable transport', () => {
  const rig = (): LayerRig => new LayerRig({ reliable: true })

  it.each(['INVITE', 'OPTIONS'])('RFC 3261 §17.1: %s is sent once, and timers B and F still run', (method) => {
    const reliable = rig()
    reliable.send(method)
    reliable.clock.advance(AGES)
    expect(reliable.socket.times()).toEqual([0])
    expect(reliable.heard).toEqual(['timeout'])
    expectEmpty(reliable)
  })

  it.each([
    ['D', 'INVITE', 486],
    ['K', 'OPTIONS', 200],
  ])('RFC 3261 §17.1: timer %s is zero', (_, method, status) => {
    const reliable = rig()
    reliable.answer(reliable.send(method), status)
    expect(lifetime(reliable)).toBe(0)
  })

  it('RFC 3261 §17.2.1: no timer G, and a timer I of zero', () => {
    const reliable = rig()
    const server = reliable.serve()
    server.respond(response(server.request, 486))
    reliable.clock.advance(AGES - 1)
    expect(reliable.socket.times()).toEqual([0])
    reliable.receive({ method: 'ACK' })
    expect(lifetime(reliable)).toBe(0)
  })

  it('RFC 3261 §17.2.2: timer J is zero', () => {
    const reliable = rig()
    const server = reliable.serve({ method: 'OPTIONS' })
    server.respond(response(server.request, 200))
    expect(lifetime(reliable)).toBe(0)
  })

  it.each([
    ['L', (r: LayerRig) => r.serve().respond(response(r.servers[0]!.request, 200))],
    ['M', (r: LayerRig) => r.answer(r.send(), 200)],
  ])('RFC 6026 §7.1: timer %s is 64 × T1 there too', (_, begin) => {
    const reliable = rig()
    begin(reliable)
    expect(lifetime(reliable)).toBe(AGES)
  })
})

describe('requests of ours about a request', () => {
  const lines = ['Route: <sip:r1;lr>, <sip:r2;lr>', 'Route: <sip:r3;lr>', 'Content-Type: text/plain', 'Require: x']
  const invite = parsed(requestText({ lines, cseq: 7, via: 'SIP/2.0/UDP a;branch=z9hG4bKtop, SIP/2.0/UDP below' }))

  it('RFC 3261 §17.1.1.3: the ACK has the topmost Via, the Routes, and the To of the response', () => {
    expect(ackWire(invite, response(invite, 486, 'theirs')).split('\r\n')).toEqual([
      'ACK sip:bob@example.net SIP/2.0',
      'Via: SIP/2.0/UDP a;branch=z9hG4bKtop',
      'Route: <sip:r1;lr>, <sip:r2;lr>',
      'Route: <sip:r3;lr>',
      'Max-Forwards: 70',
      'From: <sip:alice@example.org>;tag=a',
      'Call-ID: call-1',
      'To: <sip:bob@example.net>;tag=theirs',
      'CSeq: 7 ACK',
      'Content-Length: 0',
      '',
      '',
    ])
  })

  it('RFC 3261 §9.1: the CANCEL has the topmost Via, the Routes, the To of the request, and no Require', () => {
    const cancel = makeCancel(invite)
    expect([cancel.method, cancel.requestUri, cancel.values(H.Via)]).toEqual([
      'CANCEL',
      'sip:bob@example.net',
      ['SIP/2.0/UDP a;branch=z9hG4bKtop'],
    ])
    expect([cancel.values(H.Route), cancel.value(H.To), cancel.cseq]).toEqual([
      ['<sip:r1;lr>', '<sip:r2;lr>', '<sip:r3;lr>'],
      '<sip:bob@example.net>',
      { number: 7, method: 'CANCEL' },
    ])
    expect([cancel.has(H.Require), cancel.has(H.ContentType)]).toEqual([false, false])
  })
})
