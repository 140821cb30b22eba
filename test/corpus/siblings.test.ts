/** Messages of the same kinds as the corpus has, one fault at a time: what a proxy answers to each, and what it sends on. */
import path from 'node:path'
import { simulate, type Simulation } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'

const routes = path.join(import.meta.dirname, 'read-everything.ts')
const CALLER = '127.0.0.1:15555'

const good = [
  'INFO sip:bob@example.com SIP/2.0',
  `Via: SIP/2.0/UDP ${CALLER};branch=z9hG4bK1`,
  'Max-Forwards: 70',
  'From: <sip:alice@example.com>;tag=a',
  'To: <sip:bob@example.com>',
  'Call-ID: sibling',
  'CSeq: 7 INFO',
  'Content-Length: 0',
]

/** The good request with a line replaced, left out, or added: by its first word. */
function but(...lines: string[]): string {
  const named = (line: string): string => line.split(/[\s:]/, 1)[0]!
  const changed = good.map((line) => lines.find((each) => named(each) === named(line)) ?? line)
  const added = lines.filter((line) => !good.some((each) => named(each) === named(line)))
  return [...changed.filter((line) => !line.endsWith(': -')), ...added, '', ''].join('\r\n')
}

interface Bed {
  readonly net: Simulation
  /** What came back, and what went on to the carrier. */
  readonly answers: string[]
  readonly forwarded: string[]
  send(text: string): Promise<void>
}

async function bed(respond: (request: string) => string[] = (request) => [answerTo(request)]): Promise<Bed> {
  const net = await simulate({ routes })
  const [answers, forwarded]: [string[], string[]] = [[], []]
  const carrier = net.network.open('127.0.0.1', 5090, (bytes) => {
    const request = bytes.toString('latin1')
    forwarded.push(request)
    for (const answer of respond(request)) carrier.send(answer, '127.0.0.1', 5080)
  })
  const caller = net.network.open('127.0.0.1', 15555, (bytes) => answers.push(bytes.toString('latin1')))
  return {
    net,
    answers,
    forwarded,
    send: async (text) => {
      caller.send(text, '127.0.0.1', 5080)
      await net.advance(10)
    },
  }
}

function answerTo(request: string, status = '200 OK'): string {
  const copied = request.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line))
  return [`SIP/2.0 ${status}`, ...copied, 'Content-Length: 0', '', ''].join('\r\n')
}

/** The statuses that came back, and how often it went on. */
async function outcomeOf(text: string): Promise<string> {
  const { send, answers, forwarded } = await bed()
  await send(text)
  const statuses = answers.map((answer) => answer.slice(8, 11)).filter((status) => status !== '100')
  return [...statuses, ...forwarded.map(() => 'forwarded')].sort().join(' ') || 'dropped'
}

describe('RFC 4475 §3.1.2, §3.3.1: what is broken or missing is answered 400', () => {
  test.each([
    ['From: -'], ['To: -'], ['Call-ID: -'], ['CSeq: -'], ['Via: SIP/2.0/UDP'], ['Via: nobody'], [`Via: SIP/2.0/UDP ${CALLER};branch=z"9`],
    [`Via: SIP/2.0/UDP ${CALLER};;branch=z9hG4bK1`], [`Via: SIP/2.0/UDP ${CALLER}:x`], ['From: <sip:alice@example.com'], ['To: "Bob <sip:b@c>'],
    ['To: <sip:b@c>;x="y'], ['To: Bob, Bill <sip:b@c>'], ['Call-ID:'], ['CSeq: x INFO'], ['CSeq: -1 INFO'], ['CSeq: 7 info'],
    ['CSeq: 2147483648 INFO'], ['CSeq: 7'], ['Max-Forwards: -1'], ['Max-Forwards: seventy'], ['Max-Forwards: 256'], ['Content-Length: five'],
    ['Content-Length: -5'], ['Content-Length: 5'], ['l: 0'], ['t: <sip:x@y>'], ['v'], ['Bad Name: x'], [': x'], ['X: a\rb'], ['X: a\0b'],
    ['INFO sip:bob@[::1 SIP/2.0'], ['INFO sip:bob@2001:db8::1 SIP/2.0'], ['INFO <sip:bob@example.com> SIP/2.0'],
    ['INFO sip:b%zz@example.com SIP/2.0'], ['INFO sip:bob@example.com?Subject=x SIP/2.0'], ['INFO sip:bob@example.com'],
    ['INFO sip:bob @example.com SIP/2.0'], ['INFO  sip:bob@example.com SIP/2.0'], ['INFO bob SIP/2.0'],
  ])('%j', async (line) => {
    expect(await outcomeOf(but(line))).toBe('400')
  }) // prettier-ignore
})

describe('RFC 3261 §16.3: what is well-formed and cannot be served', () => {
  test.each([
    ['505', 'INFO sip:bob@example.com SIP/3.0'],
    ['505', 'INFO sip:bob@example.com SIP/2.1'],
    ['416', 'INFO http://example.com/ SIP/2.0'],
    ['416', 'INFO urn:service:sos SIP/2.0'],
    ['416', 'INFO mailto:bob@example.com SIP/2.0'],
    ['483', 'Max-Forwards: 0'],
    ['483', 'Max-Forwards: 000'],
    ['420', 'Proxy-Require: foo'],
  ])('%s: %s', async (status, line) => {
    expect(await outcomeOf(but(line))).toBe(status)
  })

  test('RFC 3261 §8.2.2.3: a 420 names every extension, on however many lines', async () => {
    const { send, answers } = await bed()
    await send(but('Proxy-Require: foo, bar\r\nPROXY-REQUIRE: baz'))
    expect(answers[0]).toMatch(/^SIP\/2\.0 420 [^]*\r\nUnsupported: foo, bar, baz\r\n/)
  })

  test('RFC 4475 §3.3.1: the 400 has what there was to copy', async () => {
    const { send, answers } = await bed()
    await send(but('To: -', 'Call-ID: -'))
    expect(answers[0]).toMatch(/^SIP\/2\.0 400 [^]*\r\nFrom: <sip:alice@example.com>;tag=a\r\nCSeq: 7 INFO\r\n/)
    expect(answers[0]).not.toMatch(/^(To|Call-ID):/im)
  })
})

describe('RFC 3261 §16.3: what is odd and well goes on', () => {
  test.each([
    ['Require: foo'], ['Max-Forwards: -'], ['Content-Length: -'], ['From: sip:alice@example.com'], ['To: isbn:2983792873'], ['From: <http://a/>;tag=1'],
    ['Contact: "Joe" <sip:joe@example.org>;;;;'], ['Date: yesterday'], ['Expires: -1'], ['Authorization: NoOne x'], ['Subject:'], ['v : SIP/2.0/UNKNOWN h'],
    ['Content-Type: x/y'], ['Warning: 9999999 h "x"'], ['CSeq: 0007\t INFO'], ['INFO sips:bob@example.com SIP/2.0'], ['INFO tel:+1-212 SIP/2.0'],
    ['INFO sip:a;b=c%40d@[2001:db8::1]:5070;x=%79 SIP/2.0'], [`Via: SIP/2.0/TLS ${CALLER};branch=z9hG4bK1`], [`Via: SIP/2.0/UDP ${CALLER}`],
  ])('%j', async (line) => {
    expect(await outcomeOf(but(line))).toBe('200 forwarded')
  }) // prettier-ignore
})

describe('what leads nowhere is dropped', () => {
  test.each([
    ['without a Via', but('Via: -')],
    ['an ACK that is broken', but('INFO  sip:bob@example.com SIP/2.0', 'Max-Forwards: x').replace(/^INFO/, 'ACK')],
    ['a status beyond 699', answerTo(but(), '700 OK')],
    ['a status below 100', answerTo(but(), '099 OK')],
    ['a status that overflows', answerTo(but(), '4294967496 OK')],
    ['a response that belongs to nothing', answerTo(but())],
    ['an empty datagram', ''],
    ['a keep-alive', '\r\n\r\n'],
  ])('%s', async (_, text) => {
    expect(await outcomeOf(text)).toBe('dropped')
  })
})

describe('what fuzzing found', () => {
  test('RFC 4475 §3.2.1: requests whose branch is the cookie alone are told apart', async () => {
    const { send, answers, forwarded } = await bed()
    const cookie = `Via: SIP/2.0/UDP ${CALLER};branch=z9hG4bK`
    await send(but(cookie))
    await send(but(cookie, 'Call-ID: another'))
    await send(but(cookie, 'Call-ID: another'))
    expect([forwarded.length, answers.length]).toEqual([2, 3])
  })

  test('RFC 3261 §16.7 step 3: a final response without a Via below ours is not sent on: 502', async () => {
    const { send, answers } = await bed((request) => {
      const [via, ...others] = answerTo(request).split(/\r\n(?=Via:)/)
      return [`${via}\r\n${others[0]}${others[1]!.slice(others[1]!.indexOf('\r\n'))}`]
    })
    await send(but())
    expect(answers).toHaveLength(1)
    expect(answers[0]).toMatch(/^SIP\/2\.0 502 Bad Gateway\r\nVia: SIP\/2\.0\/UDP 127\.0\.0\.1:15555;branch=z9hG4bK1/)
  })

  test('RFC 3261 §16.7 step 3: nor is a provisional one', async () => {
    const { send, answers } = await bed((request) => {
      const [start, ours] = answerTo(request, '180 Ringing').split('\r\n')
      const rest = answerTo(request)
        .split('\r\n')
        .filter((line) => !/^(SIP|Via)/.test(line))
      return [[start, ours, ...rest].join('\r\n'), answerTo(request)]
    })
    await send(but())
    expect(answers.map((answer) => answer.slice(8, 11))).toEqual(['200'])
  })
})
