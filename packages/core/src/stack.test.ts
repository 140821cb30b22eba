/** Whatever bytes come: dropped or answered, counted by reason, and the next call works. */
import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parsed, requestText, response } from './testing/layer-rig.ts'
import { RecordingSocket } from './testing/recording-socket.ts'
import { tempBundle, type TempBundle } from './testing/temp-bundle.ts'
import { VirtualClock } from './testing/virtual-clock.ts'
import { OwnAddresses } from './proxy/own-addresses.ts'
import { Stack } from './stack.ts'

let temp: TempBundle
let clock: VirtualClock
let socket: RecordingSocket
let stack: Stack
let logged: string[]

beforeAll(async () => {
  temp = await tempBundle(`import { onRequest } from '@signalbox/dsl'
onRequest(({ req, reply, relay }) => {
  if (req.method === 'OPTIONS') reply(200)
  else if (req.method === 'INFO') throw new Error('a bug of the route')
  else relay({ to: 'sip:192.0.2.50' })
})
`)
})

beforeEach(() => {
  clock = new VirtualClock()
  socket = new RecordingSocket(clock)
  logged = []
  const line = (message: string): void => void logged.push(message)
  stack = new Stack({
    ...temp,
    timers: { t1: 500, c: 180_000 },
    uac: { credentials: [], authVars: { username: 'u', password: 'p', realm: 'r' } },
    clock,
    own: new OwnAddresses([{ host: '192.0.2.1', port: 5060 }], []),
    nextHop: (uri) => socket.flow(uri.host, uri.port),
    log: () => ({ debug: line, info: line, warn: line, error: line }),
  })
})

function receive(bytes: string | Buffer, address = '192.0.2.9', port = 5060): void {
  const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
  stack.receive(buffer, address, port, socket)
}

function counts(counter: { entries(): Iterable<[string, number]> }): Record<string, number> {
  return Object.fromEntries(counter.entries())
}

/** A call goes through, whatever came before. */
function expectServing(): void {
  socket.sent.length = 0
  receive(requestText({ method: 'OPTIONS', branch: 'z9hG4bKafterwards', callId: 'afterwards' }))
  expect(socket.summary).toEqual(['SIP/2.0 200'])
}

const good = requestText({ method: 'OPTIONS' })

describe('dropped, and counted by the reason', () => {
  it.each<[string, string | Buffer, string]>([
    ['an empty datagram', '', 'empty'],
    ['a keep-alive (RFC 5626 §3.5.1)', '\r\n\r\n', 'empty'],
    ['noise', Buffer.from([0x80, 0x00, 0xff, 0x0a, 0x0d]), 'start_line'],
    ['a line without an end', 'OPTIONS sip:x SIP/2.0', 'start_line'],
    ['half a request, before what it could be answered by', good.slice(0, 60), 'no_end'],
    ['a response with a bad status', 'SIP/2.0 999 X\r\n\r\n', 'start_line'],
    ['a response of another version', 'SIP/3.0 200 OK\r\n\r\n', 'version'],
    ['a request without a Via', good.replace(/Via:.*\r\n/, ''), 'bad_via'],
    [
      'an ACK that is broken: nobody answers an ACK',
      requestText({ method: 'ACK' }).replace('CSeq: 1', 'CSeq: x'),
      'bad_cseq',
    ],
    ['a response without a CSeq', 'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a\r\nCall-ID: x\r\n\r\n', 'bad_cseq'],
  ])('RFC 3261 §18.3: %s', (_, bytes, reason) => {
    receive(bytes)
    expect([counts(stack.counters.dropped), counts(stack.counters.rejected), socket.sent]).toEqual([
      { [reason]: 1 },
      {},
      [],
    ])
    expectServing()
  })

  it('RFC 3261 §18.1.2: a response that matches nothing', () => {
    receive(response(parsed(requestText({ sentBy: '192.0.2.1' })), 200).toWire())
    expect([counts(stack.counters.proxy), counts(stack.counters.responses), socket.sent]).toEqual([
      { stray_response: 1 },
      { '2xx': 1 },
      [],
    ])
    expectServing()
  })
})

describe('answered 400, and counted by the reason', () => {
  it.each<[string, string, string]>([
    ['a Content-Length beyond the datagram', requestText({ lines: ['Content-Length: 5'] }), 'truncated'],
    ['a Content-Length that is no number', requestText({ lines: ['Content-Length: five'] }), 'content_length'],
    ['a negative Content-Length', requestText({ lines: ['Content-Length: -1'] }), 'content_length'],
    ['a header line without a colon', requestText({ lines: ['nonsense'] }), 'header_line'],
    ['a second From', requestText({ lines: ['From: <sip:x@y>;tag=z'] }), 'duplicate_header'],
    ['a CSeq of another method', requestText({ cseqMethod: 'INFO' }), 'bad_cseq'],
    ['no Call-ID', requestText().replace(/Call-ID:.*\r\n/, ''), 'bad_call_id'],
    ['a From that is none', requestText({ from: '<sip:alice' }), 'bad_from'],
    ['a Max-Forwards that is no number', requestText().replace('Forwards: 70', 'Forwards: x'), 'bad_max_forwards'],
  ])('RFC 3261 §18.3: %s', (_, text, reason) => {
    receive(text)
    expect(socket.summary).toEqual(['SIP/2.0 400'])
    expect([counts(stack.counters.rejected), counts(stack.counters.dropped)]).toEqual([{ [reason]: 1 }, {}])
    expect([stack.proxy.layer.servers, stack.timers.size], 'nothing is kept of it').toEqual([0, 0])
    expectServing()
  })

  it('RFC 3261 §21.5.6: another version of SIP is a 505', () => {
    receive(requestText().replace(' SIP/2.0\r\n', ' SIP/7.0\r\n'))
    expect(socket.summary).toEqual(['SIP/2.0 505'])
  })
})

describe('RFC 3261 §18.2.2: where a 400 goes', () => {
  const bad = (via: string): string => requestText({ via, cseqMethod: 'INFO' })

  it.each<[string, string, string, number, string]>([
    ['the port of the Via', 'SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKx', '192.0.2.9', 5070, ''],
    ['5060 without one', 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx', '192.0.2.9', 5060, ''],
    [
      'the source’s address, which goes into the Via',
      'SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKx',
      '192.0.2.9',
      5070,
      ';received=192.0.2.9',
    ],
    [
      'the source’s port when rport asks for it',
      'SIP/2.0/UDP 10.0.0.1;rport;branch=z9hG4bKx',
      '192.0.2.9',
      40_000,
      ';received=192.0.2.9',
    ],
    ['not where a maddr points', 'SIP/2.0/UDP 192.0.2.9;maddr=198.51.100.1;branch=z9hG4bKx', '192.0.2.9', 5060, ''],
  ])('%s', (_, via, address, port, received) => {
    receive(bad(via), '192.0.2.9', 40_000)
    const [sent] = socket.sent
    expect([sent!.address, sent!.port]).toEqual([address, port])
    const answered = parsed(sent!.wire).topVia!
    expect([answered.branch, answered.received ?? '']).toEqual(['z9hG4bKx', received.replace(';received=', '')])
    expect(answered.rport).toBe(via.includes('rport') ? '40000' : undefined)
  })

  it('RFC 3261 §8.2.6.2: with a To tag, and every Via below', () => {
    receive(bad('SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx, SIP/2.0/UDP below'))
    expect(socket.sent[0]!.wire).toMatch(/\r\nVia: .*SIP\/2\.0\/UDP below\r\n/)
    expect(parsed(socket.sent[0]!.wire).toTag).not.toBe('')
  })
})

describe('labels', () => {
  it('do not grow with what the network sends', () => {
    for (let i = 0; i < 500; i++) {
      receive(requestText({ method: `M${i}`, branch: `z9hG4bK${i}` }))
      receive(`SIP/2.0 ${100 + i} X\r\nVia: SIP/2.0/UDP a;branch=${i}\r\nX: ${i}\r\n\r\n`)
      receive(requestText({ lines: [`bad line ${i}`] }))
    }
    const { counters } = stack
    expect(counts(counters.requests)).toEqual({ other: 500 })
    expect(Object.keys(counts(counters.responses)).sort()).toEqual(['1xx', '2xx', '3xx', '4xx', '5xx'])
    expect(counts(counters.rejected)).toEqual({ header_line: 500 })
    expect(Object.keys(counts(counters.dropped))).toHaveLength(1)
  })

  it('are the methods that are known', () => {
    for (const method of ['INVITE', 'OPTIONS', 'OPTIONS', 'invite'])
      receive(requestText({ method, branch: `z9hG4bK${method}` }))
    expect(counts(stack.counters.requests)).toMatchObject({ INVITE: 1, other: 1 })
  })
})

describe('draining', () => {
  it('RFC 3261 §21.5.4: a new request is told to come back, one in a dialog goes on', () => {
    stack.drain()
    receive(good)
    expect(socket.sent[0]!.wire).toMatch(/^SIP\/2\.0 503 .*\r\n(.*\r\n)*Retry-After: \d+\r\n/)
    receive(
      requestText({ method: 'BYE', branch: 'z9hG4bKbye', to: '<sip:b@c>;tag=t', lines: ['Route: <sip:192.0.2.1;lr>'] }),
    )
    expect([socket.summary.at(-1), stack.isDraining]).toEqual(['BYE', true])
  })
})

describe('faults of others cost one message', () => {
  it('a route that throws: 500, counted, with its line in the log', () => {
    receive(requestText({ method: 'INFO' }))
    expect([socket.summary, counts(stack.counters.routes), stack.runningHandlers]).toEqual([
      ['SIP/2.0 500'],
      { thrown: 1 },
      0,
    ])
    expect(logged.join('\n')).toMatch(/a bug of the route[^]*routes\/main\.ts:4:/)
    expectServing()
  })

  it('a socket that throws: dropped as a bug of ours, and told loudly', () => {
    const broken = Object.assign(Object.create(socket) as RecordingSocket, {
      send: () => {
        throw new Error('no such socket')
      },
    })
    stack.receive(Buffer.from(requestText()), '192.0.2.9', 5060, broken)
    expect(counts(stack.counters.dropped)).toEqual({ internal_error: 1 })
    expect(logged.join()).toContain('no such socket')
    expectServing()
  })
})

describe('random bytes', () => {
  /** Nothing is thrown, nothing is a bug of ours, and afterwards a call goes through. */
  function expectHarmless(arbitrary: fc.Arbitrary<Buffer>): void {
    fc.assert(
      fc.property(fc.array(arbitrary, { maxLength: 5 }), (datagrams) => {
        for (const bytes of datagrams) receive(bytes)
        expect(counts(stack.counters.dropped)).not.toHaveProperty('internal_error')
      }),
      { numRuns: 300 },
    )
    expectServing()
    clock.advance(2 * 64 * 500 + 5_000)
    expect(stack.timers.size).toBe(0)
  }

  it('are noise', () => expectHarmless(fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes))))

  it('in a request are dropped or answered', () => {
    const text = requestText({
      method: 'OPTIONS',
      lines: ['Route: <sip:192.0.2.1;lr>', 'Contact: <sip:a@b>', 'Content-Length: 0'],
    })
    const change = fc.tuple(fc.nat(text.length), fc.nat(4), fc.uint8Array({ maxLength: 4 }))
    expectHarmless(
      fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
        let bytes = Buffer.from(text, 'latin1')
        for (const [at, gone, by] of changes)
          bytes = Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + gone)])
        return bytes
      }),
    )
  })

  it('in a response are dropped', () => {
    const text = response(parsed(requestText()), 200).toWire()
    expectHarmless(
      fc.tuple(fc.nat(text.length - 1), fc.nat(255)).map(([at, byte]) => {
        const bytes = Buffer.from(text, 'latin1')
        bytes[at] = byte
        return bytes
      }),
    )
  })
})
