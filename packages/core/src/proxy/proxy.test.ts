/**
 * The proxy core on a recording socket: what no route sees (CANCEL, ACK, refusals, strays), and branches that are given up. Calls from end to
 * end are scenarios of their own.
 */
import { describe, expect, it } from 'vitest'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { Uri } from '../message/uri.ts'
import { parsed, requestText, response, type RequestParts } from '../testing/layer-rig.ts'
import { RecordingSocket } from '../testing/recording-socket.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { Timers } from '../timers/timers.ts'
import type { Flow } from '../transport/flow.ts'
import { Ids } from './ids.ts'
import { OwnAddresses } from './own-addresses.ts'
import { Proxy, type ProxyEvent, type ProxyOptions } from './proxy.ts'
import type { ForwardPlan, ProxyTransaction } from './proxy-transaction.ts'

const AGES = 64 * 500
const TIMER_C = 180_000
const ROUTE = 'Route: <sip:192.0.2.1;lr>'

class Rig {
  readonly clock = new VirtualClock()
  readonly timers = new Timers(this.clock)
  readonly socket = new RecordingSocket(this.clock)
  readonly events: ProxyEvent[] = []
  readonly sendFailures: string[] = []
  readonly transactions: ProxyTransaction[] = []
  /** What routes heard. */
  readonly heard: string[] = []
  readonly proxy: Proxy
  nextHop: (uri: Uri) => Flow | Promise<Flow> = (uri) => this.socket.flow(uri.host, uri.port)

  constructor(options: Partial<ProxyOptions> = {}) {
    this.proxy = new Proxy({
      routing: { request: (transaction) => this.#routed(transaction) },
      timers: this.timers,
      own: new OwnAddresses([{ host: '192.0.2.1', port: 5060 }], []),
      ids: new Ids('us'),
      maxDialogs: 100,
      nextHop: (uri) => this.nextHop(uri),
      count: (event) => this.events.push(event),
      sendFailed: (error) => this.sendFailures.push(error.message),
      ...options,
    })
  }

  receive(parts: RequestParts = {}): void {
    const flow = this.socket.flow()
    const request = parsed(requestText(parts))
    request.source = flow
    this.proxy.layer.receiveRequest(request, flow)
  }

  /** A request comes in and is forwarded to these hosts, one after another. */
  forward(parts: RequestParts, ...hosts: string[]): ProxyTransaction {
    this.receive(parts)
    const transaction = this.transactions.at(-1)!
    transaction.forward(hosts.map((host) => [branchPlan(transaction.request, host)]))
    return transaction
  }

  /** The peer, or the one at this host, answers the last request of this method that was sent. */
  answer(status: number, method = 'INVITE', host?: string): void {
    const isIt = (address: string): boolean => host === undefined || address === host
    const sent = this.socket.sent.findLast(({ wire, address }) => wire.startsWith(`${method} `) && isIt(address))!
    this.proxy.layer.receiveResponse(response(parsed(sent.wire), status))
  }

  #routed(transaction: ProxyTransaction): void {
    this.transactions.push(transaction)
    transaction.begin({
      afterwards: (then) => then(),
      failure: (best) => {
        this.heard.push(`failure ${best.final!.status}${best.isLocal ? ' local' : ''}`)
        transaction.giveUp()
      },
      canceled: () => this.heard.push('canceled'),
      answered: () => undefined,
      bounded: (what) => this.heard.push(what),
      settled: () => this.heard.push('settled'),
    })
  }

  /** Acknowledges failures that were sent upstream, and waits until nothing is left. */
  expectClean(): void {
    this.receive({ method: 'ACK' })
    this.clock.advance(2 * AGES)
    const { clients, servers } = this.proxy.layer
    expect({ clients, servers, timers: this.timers.size }).toEqual({ clients: 0, servers: 0, timers: 0 })
  }
}

function branchPlan(request: Message, host: string): ForwardPlan[number][number] {
  const nextHop = parsed(requestText({ ruri: `sip:${host}` })).uri!
  return { request, target: { nextHop }, recordRoute: false, timeouts: { final: TIMER_C }, shift: 0, answers: [] }
}

describe('before a route is asked', () => {
  it('RFC 3261 §16.2: an INVITE is answered 100, without a To tag', () => {
    const rig = new Rig()
    rig.receive()
    expect(rig.socket.summary).toEqual(['SIP/2.0 100'])
    expect(parsed(rig.socket.sent[0]!.wire).toTag).toBe('')
  })

  it('RFC 3261 §8.2.6.1: another request is not', () => {
    const rig = new Rig()
    rig.receive({ method: 'OPTIONS' })
    expect([rig.socket.sent, rig.transactions.length]).toEqual([[], 1])
  })

  it.each([
    ['a 420 with the option tags', { lines: ['Proxy-Require: a, b'] }, 'SIP/2.0 420', 'Unsupported: a, b'],
    ['a 416', { ruri: 'http://x' }, 'SIP/2.0 416', 'To: <sip:bob@example.net>;tag='],
  ])('RFC 3261 §16.3: %s, and no route hears of it', (_, parts, start, line) => {
    const rig = new Rig()
    rig.receive({ method: 'OPTIONS', ...parts })
    expect(rig.socket.sent[0]!.wire).toMatch(new RegExp(`^${start}`))
    expect(rig.socket.sent[0]!.wire).toContain(`\r\n${line}`)
    expect([rig.events, rig.transactions]).toEqual([['refused'], []])
  })

  it('RFC 3261 §21.5.4: what is not admitted is told when to come back; a dialog goes on', () => {
    const rig = new Rig({
      admit: ({ toTag }) =>
        toTag === '' ? { status: 503, reason: 'Draining', headers: [[H.RetryAfter, '5']] } : undefined,
    })
    rig.receive()
    expect(rig.socket.sent[0]!.wire).toContain('\r\nRetry-After: 5\r\n')
    rig.receive({ method: 'BYE', to: '<sip:bob@example.net>;tag=b' })
    expect(rig.transactions).toHaveLength(1)
  })
})

describe('a next hop that cannot be sent to', () => {
  const broken = (): never => {
    throw new Error('a bug of ours')
  }

  it.each<[string, Rig['nextHop']]>([
    ['at once', broken],
    ['once its name is looked up', async () => broken()],
  ])('fails %s: its branch has failed, and the caller has an answer', async (_, nextHop) => {
    const rig = new Rig()
    rig.nextHop = nextHop
    const transaction = rig.forward({}, 'gw')
    await Promise.resolve().then(() => Promise.resolve())
    transaction.giveUp()
    expect(rig.sendFailures).toEqual(['a bug of ours'])
    expect(rig.socket.sent.at(-1)!.wire).toMatch(/^SIP\/2\.0 500 /)
  })
})

describe('CANCEL', () => {
  it('RFC 3261 §9.2: one of what is here is let in, whoever is turned away', () => {
    let isFull = false
    const rig = new Rig({ admit: () => (isFull ? { status: 503, reason: 'Full' } : undefined) })
    rig.receive()
    isFull = true
    rig.receive({ method: 'CANCEL' })
    expect(rig.socket.summary).toEqual(['SIP/2.0 100', 'SIP/2.0 200', 'SIP/2.0 487'])
    rig.receive({ method: 'CANCEL', branch: 'z9hG4bKstray' })
    expect(rig.socket.summary.at(-1)).toBe('SIP/2.0 503')
    rig.expectClean()
  })

  it('RFC 3261 §9.2: one that matches nothing is answered 481', () => {
    const rig = new Rig()
    rig.receive({ method: 'CANCEL' })
    expect(rig.socket.summary).toEqual(['SIP/2.0 481'])
  })

  it('RFC 3261 §9.2: its 200 and the 487 have one To tag', () => {
    const rig = new Rig()
    rig.receive()
    rig.receive({ method: 'CANCEL' })
    const [, ok, terminated] = rig.socket.sent.map(({ wire }) => parsed(wire))
    expect([ok!.status, ok!.method, terminated!.status, terminated!.method]).toEqual([200, 'CANCEL', 487, 'INVITE'])
    expect(ok!.toTag).toBe(terminated!.toTag)
    expect(rig.heard).toEqual(['canceled', 'settled'])
  })

  it('RFC 3261 §9.2: one that crosses a refusal has its To tag, whether that was made here or came from the callee', () => {
    const rig = new Rig()
    rig.receive({ lines: ['Proxy-Require: a'] })
    rig.receive({ method: 'CANCEL' })
    rig.forward({ branch: 'z9hG4bKbusy' }, 'gw.example')
    rig.answer(486)
    rig.receive({ method: 'CANCEL', branch: 'z9hG4bKbusy' })
    const answers = rig.socket.sent.map(({ wire }) => wire).filter((wire) => wire.startsWith('SIP'))
    const [refusal, ok, , busy, alsoOk] = answers.map((wire) => parsed(wire))
    expect([refusal, ok, busy, alsoOk].map((each) => each!.status)).toEqual([420, 200, 486, 200])
    expect(ok!.toTag).toBe(refusal!.toTag)
    expect(alsoOk!.toTag).toBe(busy!.toTag)
    expect(new Set([ok!.toTag, alsoOk!.toTag, '']).size).toBe(3)
  })

  it('RFC 3261 §9.1: it waits for a provisional response, and then goes where the INVITE went', () => {
    const rig = new Rig()
    rig.forward({}, 'gw.example:5070')
    rig.receive({ method: 'CANCEL' })
    expect(rig.socket.times('CANCEL')).toEqual([])
    rig.answer(100)
    const [invite, cancel] = ['INVITE', 'CANCEL'].map((method) =>
      rig.socket.sent.find(({ wire }) => wire.startsWith(method))!,
    )
    expect([cancel!.address, cancel!.port]).toEqual(['gw.example', 5070])
    expect(parsed(cancel!.wire).topVia!.branch).toBe(parsed(invite!.wire).topVia!.branch)
    rig.answer(200, 'CANCEL')
    rig.answer(487)
    expect(rig.socket.summary.filter((each) => each.startsWith('SIP'))).toEqual([
      'SIP/2.0 100',
      'SIP/2.0 200',
      'SIP/2.0 487',
    ])
    rig.expectClean()
  })

  it('RFC 3261 §16.10: it crosses a 200, which goes upstream', () => {
    const rig = new Rig()
    rig.forward({}, 'gw.example')
    rig.answer(180)
    rig.receive({ method: 'CANCEL' })
    rig.answer(200)
    expect(rig.transactions[0]!.server.status).toBe(200)
    rig.clock.advance(2 * AGES)
    rig.expectClean()
  })

  it('RFC 3261 §9.1: without any answer the INVITE is over after 64 × T1, and nothing of it stays', () => {
    const rig = new Rig()
    rig.forward({}, 'gw.example')
    rig.answer(180)
    rig.receive({ method: 'CANCEL' })
    rig.clock.advance(AGES)
    expect(rig.transactions[0]!.server.status).toBe(487)
    rig.expectClean()
  })

  it('RFC 3261 §9.2: before the next hop is known no INVITE goes out any more', async () => {
    const rig = new Rig()
    let found: (flow: Flow) => void = () => undefined
    const hop = new Promise<Flow>((resolve) => (found = resolve))
    rig.nextHop = () => hop
    rig.forward({}, 'gw.example')
    rig.receive({ method: 'CANCEL' })
    found(rig.socket.flow())
    await hop
    expect(rig.socket.summary).toEqual(['SIP/2.0 100', 'SIP/2.0 200', 'SIP/2.0 487'])
    rig.expectClean()
  })
})

describe('timer C', () => {
  it('RFC 3261 §16.8: the branch that rang too long is cancelled and counts as 408; nothing of it stays', () => {
    const rig = new Rig()
    rig.forward({}, 'gw.example')
    rig.answer(180)
    rig.clock.advance(TIMER_C)
    expect(rig.socket.times('CANCEL')).toContain(TIMER_C)
    expect(rig.heard).toContain('failure 408 local')
    rig.expectClean()
  })

  it('RFC 3261 §16.7 step 2: every provisional response but 100 starts it anew', () => {
    const rig = new Rig()
    rig.forward({}, 'gw.example')
    rig.answer(180)
    rig.clock.advance(TIMER_C - 1)
    rig.answer(183)
    rig.clock.advance(TIMER_C - 1)
    rig.answer(100)
    expect(rig.heard).toEqual([])
    rig.clock.advance(1)
    expect(rig.heard).toContain('failure 408 local')
  })
})

describe('failures', () => {
  it('RFC 3261 §16.7 step 6: targets are tried in order, the best answer goes upstream', () => {
    const rig = new Rig()
    rig.forward({}, 'one.example', 'two.example')
    rig.answer(404)
    rig.answer(486)
    expect(rig.socket.sent.filter(({ wire }) => wire.startsWith('INVITE')).map(({ address }) => address)).toEqual([
      'one.example',
      'two.example',
    ])
    expect([rig.heard, rig.transactions[0]!.server.status]).toEqual([['failure 404', 'settled'], 404])
  })

  it('RFC 3261 §16.7 step 5: after a 6xx no other target is tried', () => {
    const rig = new Rig()
    rig.forward({}, 'one.example', 'two.example')
    rig.answer(603)
    expect([rig.socket.times('INVITE').length, rig.transactions[0]!.server.status]).toEqual([1, 603])
  })

  it('RFC 3261 §16.7 step 6: a 503 of the next hop is our 500', () => {
    const rig = new Rig()
    rig.forward({}, 'one.example')
    rig.answer(503)
    expect(rig.transactions[0]!.server.status).toBe(500)
  })

  it('RFC 3261 §16.9: a next hop that cannot be reached is a 503 made here', () => {
    const rig = new Rig()
    rig.forward({}, 'one.example')
    rig.socket.failLast(new Error('EHOSTUNREACH'))
    expect([rig.heard, rig.sendFailures]).toEqual([['failure 503 local', 'settled'], ['EHOSTUNREACH']])
    expect(rig.transactions[0]!.server.status).toBe(500)
    rig.expectClean()
  })

  it('RFC 3261 §16.7 step 3: our Via comes off, and the caller’s stays', () => {
    const rig = new Rig()
    rig.forward({ branch: 'z9hG4bKcaller' }, 'one.example')
    rig.answer(180)
    expect(parsed(rig.socket.sent.at(-1)!.wire).values(H.Via)).toEqual(['SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKcaller'])
  })
})

describe('groups', () => {
  /** Two at once, then two at once, then one. */
  function grouped(parts: RequestParts = {}): Rig {
    const rig = new Rig()
    rig.receive(parts)
    const transaction = rig.transactions[0]!
    const groups = [['a1', 'a2'], ['b1', 'b2'], ['c1']]
    transaction.forward(groups.map((hosts) => hosts.map((host) => branchPlan(transaction.request, host))))
    return rig
  }

  const asked = (rig: Rig): string[] =>
    rig.socket.sent.filter(({ wire }) => wire.startsWith('INVITE')).map(({ address }) => address)

  it('RFC 3261 §16.6: a group is asked at once, the next when every branch of it has failed', () => {
    const rig = grouped()
    expect(asked(rig)).toEqual(['a1', 'a2'])
    rig.answer(404, 'INVITE', 'a1')
    expect(asked(rig)).toHaveLength(2)
    rig.answer(486, 'INVITE', 'a2')
    expect(asked(rig)).toEqual(['a1', 'a2', 'b1', 'b2'])
    for (const host of ['b2', 'b1', 'c1']) rig.answer(480, 'INVITE', host)
    expect([asked(rig).at(-1), rig.heard]).toEqual(['c1', ['failure 404', 'settled']])
    rig.expectClean()
  })

  it('RFC 3261 §16.7 step 5: a 2xx ends the search', () => {
    const rig = grouped()
    rig.answer(180, 'INVITE', 'a1')
    rig.answer(200, 'INVITE', 'a2')
    expect([asked(rig), rig.socket.times('CANCEL').length]).toEqual([['a1', 'a2'], 1])
    rig.answer(487, 'INVITE', 'a1')
    expect([asked(rig), rig.transactions[0]!.server.status]).toEqual([['a1', 'a2'], 200])
    rig.expectClean()
  })

  it('RFC 3261 §16.7 step 5: so does a 6xx', () => {
    const rig = grouped()
    rig.answer(603, 'INVITE', 'a1')
    rig.answer(404, 'INVITE', 'a2')
    expect([asked(rig), rig.transactions[0]!.server.status]).toEqual([['a1', 'a2'], 603])
    rig.expectClean()
  })

  it('RFC 5393 §5.3.3: each group shares the whole breadth anew', () => {
    const rig = grouped({ lines: ['Max-Breadth: 4'] })
    for (const host of ['a1', 'a2', 'b1', 'b2']) rig.answer(404, 'INVITE', host)
    const invites = rig.socket.sent.filter(({ wire }) => wire.startsWith('INVITE'))
    expect(invites.map(({ wire }) => parsed(wire).value(H.MaxBreadth))).toEqual(['2', '2', '2', '2', '4'])
    rig.answer(404, 'INVITE', 'c1')
    rig.expectClean()
  })
})

describe('ACK to a 2xx', () => {
  const RAISED = 'Route: <sip:192.0.2.1;lr;cs=2;ftag=a>'
  const ack: RequestParts = { method: 'ACK', to: '<sip:bob@example.net>;tag=b', ruri: 'sip:bob@192.0.2.50:5070' }

  it('RFC 3261 §16.11: goes on along its Route, without a transaction', () => {
    const rig = new Rig()
    rig.receive({ ...ack, lines: [ROUTE] })
    const [sent] = rig.socket.sent
    expect([rig.socket.summary, sent!.address, sent!.port]).toEqual([['ACK'], '192.0.2.50', 5070])
    expect(parsed(sent!.wire).has(H.Route)).toBe(false)
    expect([rig.proxy.layer.servers, rig.timers.size]).toEqual([0, 0])
  })

  it('RFC 3261 §13.2.2.4: has the CSeq of the INVITE, raised as that was', () => {
    const rig = new Rig()
    rig.receive({ ...ack, cseq: 5, lines: [RAISED] })
    expect(parsed(rig.socket.sent[0]!.wire).value(H.CSeq)).toBe('7 ACK')
  })

  describe('RFC 3261 §16.11: its branch', () => {
    const branches = (...acks: RequestParts[]): string[] => {
      const rig = new Rig()
      for (const each of acks) rig.receive({ ...ack, lines: [ROUTE], ...each })
      return rig.socket.sent.map(({ wire }) => parsed(wire).topVia!.branch)
    }

    it('is the same for each copy, whatever came between', () => {
      const [first, other, copy, raised] = branches({}, { branch: 'z9hG4bK2' }, {}, { lines: [RAISED] })
      expect(copy).toBe(first)
      expect(other).not.toBe(first)
      expect(raised).toBe(first!.replace('.ack', '~2.ack'))
    })

    it.each<[string, RequestParts, RequestParts]>([
      ['branch', {}, { branch: 'z9hG4bK1x' }],
      ['sent-by', {}, { sentBy: '192.0.2.8' }],
      ['port of the sent-by', {}, { sentBy: '192.0.2.9:5070' }],
      ['callee, though its branch is that of the INVITE', {}, { to: '<sip:bob@example.net>;tag=c' }],
      ['Call-ID, of a peer of RFC 2543', { branch: '1' }, { branch: '1', callId: 'call-2' }],
      ['CSeq, of a peer of RFC 2543', { branch: '1' }, { branch: '1', cseq: 2 }],
    ])('is another one for another %s', (_, one, other) => {
      const [first, second] = branches(one, other)
      expect(second).not.toBe(first)
    })

    it('is nobody else’s', () => {
      const acks = Array.from({ length: 20_000 }, (_, i) => ({ branch: 'z9hG4bK' + i.toString(7) }))
      expect(new Set(branches(...acks)).size).toBe(acks.length)
    })
  })

  it.each<[string, RequestParts]>([
    ['without a Route of ours', {}],
    ['with a foreign Route on top', { lines: ['Route: <sip:other;lr>', ROUTE] }],
    ['to what cannot be routed', { lines: [ROUTE], ruri: 'http://x' }],
  ])('RFC 3261 §16.3: one %s is dropped and counted', (_, parts) => {
    const rig = new Rig()
    rig.receive({ ...ack, ...parts })
    expect([rig.socket.sent, rig.events]).toEqual([[], ['stray_ack']])
  })
})

it('RFC 6026 §7.3: a response that belongs to nothing is dropped and counted', () => {
  const rig = new Rig()
  rig.proxy.layer.receiveResponse(response(parsed(requestText()), 200))
  expect([rig.socket.sent, rig.events]).toEqual([[], ['stray_response']])
})
