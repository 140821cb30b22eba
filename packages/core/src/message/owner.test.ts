/** Which worker a datagram belongs to: what `parse.ts` reads in a message, found in its bytes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ownerByMessage } from '../testing/owner-by-message.ts'
import { ownerOf, ownerOfCall } from './owner.ts'
import { isMalformed, parseMessage } from './parse.ts'
import { mandatory, requestLine, wire } from './sample.ts'

const seed = 3261
const callId = 'a84b4c76e66710@pc33.atlanta.example.com'
const WORKERS = 1000

/** Of so many workers that a wrong one is no accident. */
function owner(text: string, workers = WORKERS): number | undefined {
  return ownerOf(Buffer.from(text, 'latin1'), workers)
}

function withCallId(field: string, start = requestLine): string {
  return wire(['Max-Forwards: 70', field, 'CSeq: 1 INVITE'], 'Call-ID: of the body', start)
}

describe('a request', () => {
  // RFC 3261 §7.3.1: names in any case, blanks before the colon, values over several lines; §7.3.3: compact forms.
  it.each([
    ['usual', `Call-ID: ${callId}`],
    ['compact', `i: ${callId}`],
    ['compact, a capital', `I:${callId}`],
    ['in another case', `cALL-iD: ${callId}`],
    ['blanks around the colon', `Call-ID \t :\t ${callId} \t`],
    ['a fold before the value', `Call-ID:\r\n ${callId}`],
    ['a fold before the colon', `Call-ID \r\n\t: ${callId}`],
    ['a fold behind the value', `i: ${callId}\r\n `],
  ])('belongs to whom its Call-ID says: %s', (_, field) => {
    expect(owner(withCallId(field))).toBe(ownerOfCall(callId, WORKERS))
    expect(owner(withCallId(field).replaceAll('\r\n', '\n'))).toBe(ownerOfCall(callId, WORKERS))
  })

  it.each([
    ['its head is cut off', `${requestLine}\r\ni: ${callId}`],
    ['empty lines before it', '\r\n\r\n\n' + withCallId(`i: ${callId}`)],
  ])('all the same when %s', (_, text) => expect(owner(text)).toBe(ownerOfCall(callId, WORKERS)))

  it.each([
    ['a name that begins like it', 'Call-Identity: x\r\nIn-Reply-To: x\r\nCall-Info: x\r\nI-x: x\r\nic: x\r\ni'],
    ['a name that is folded into it', 'Subject: x\r\n Call-ID: x\r\n\ti: y'],
    ['an empty one', 'Call-ID: \r\n\t\r\n '],
    ['one without a colon', `Call-ID ${callId}\r\ni`],
    ['one in the body alone', 'Subject: x'],
    ['a colon on the next line', `Call-ID \r\n: ${callId}`],
  ])('without a Call-ID is nobody’s: %s', (_, field) => expect(owner(withCallId(field))).toBeUndefined())

  it('a REGISTER belongs to worker 0, another method that looks like it does not', () => {
    const to = (method: string) => owner(withCallId(`i: ${callId}`, `${method} sip:example.com SIP/2.0`))
    expect([to('REGISTER'), to('REGISTERED'), to('register')]).toEqual([
      0,
      ...Array(2).fill(owner(wire([...mandatory]))),
    ])
  })
})

describe('a response', () => {
  const answer = (via: string) => withCallId(`${via}\r\ni: ${callId}`, 'SIP/2.0 200 OK')
  const byCallId = ownerOfCall(callId, 8)

  it.each([
    ['of ours', 'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK0a1bw5.3.99', 5],
    ['compact, in another place', 'v: SIP/2.0/UDP 192.0.2.1;rport=1;branch=z9hG4bK0a1bw7.3~2.own;received=::1', 7],
    ['folded', 'VIA \r\n :\r\n SIP/2.0/UDP 192.0.2.1;\r\n\tbranch=z9hG4bK0w0.3.99', 0],
    ['above others', 'v: SIP/2.0/UDP h;branch=z9hG4bKaw2.3.9, SIP/2.0/UDP h;branch=z9hG4bKaw3.3.9', 2],
    ['above other fields', 'v: SIP/2.0/UDP h;branch=z9hG4bKaw2.3.9\r\nv: SIP/2.0/UDP h;branch=z9hG4bKaw3.3.9', 2],
    ['of a worker beyond those that there are now', 'Via: SIP/2.0/UDP h;branch=z9hG4bK0a1bw8.3.99', byCallId],
    ['of a process without workers', 'Via: SIP/2.0/UDP h;branch=z9hG4bK0a1b.3.99', byCallId],
    ['of others', 'Via: SIP/2.0/UDP h;branch=z9hG4bKw2', byCallId],
    ['of others, with a dot', 'Via: SIP/2.0/UDP h;branch=z9hG4bKw2-.1', byCallId],
    ['whose number is none', 'Via: SIP/2.0/UDP h;branch=z9hG4bKaw.1.1', byCallId],
    ['whose number goes on', 'Via: SIP/2.0/UDP h;branch=z9hG4bKaw2b.1.1', byCallId],
    ['of RFC 2543', 'Via: SIP/2.0/UDP h;branch=w2.1.1', byCallId],
    ['without one', 'Via: SIP/2.0/UDP h', byCallId],
    ['below one of others', 'v: SIP/2.0/UDP h;branch=z9hG4bKa, SIP/2.0/UDP h;branch=z9hG4bKaw3.3.9', byCallId],
    ['below a field of others', 'v: SIP/2.0/UDP h\r\nv: SIP/2.0/UDP h;branch=z9hG4bKaw3.3.9', byCallId],
  ])('RFC 3261 §18.1.2: belongs to whom its branch says: one %s', (_, via, wanted) => {
    expect(owner(answer(via), 8)).toBe(wanted)
    expect(owner(answer(via).replace('SIP/2.0 200', 'sip/2.0 200').replaceAll('\r\n', '\n'), 8)).toBe(wanted)
  })
})

it('RFC 3261 §18.1.2: belongs to whom its branch says, with its Via below its Call-ID, too', () => {
  const via = 'Via: SIP/2.0/UDP h;branch=z9hG4bKaw3.3.9'
  expect(owner(wire([`i: ${callId}`, 'Subject: x', via], '', 'SIP/2.0 200 OK'), 8)).toBe(3)
})

describe('properties', () => {
  const odd = fc.string({
    unit: fc.constantFrom(...'abzAZ019-.!%*_+`\'~()<>:\\"/[]?{}@;,= \t\x01\xff', '\r\n ', '\r\n\t'),
  })
  const name = fc.constantFrom('Call-ID', 'i', 'I', 'call-id', 'CALL-ID', 'Via', 'v', 'Call-Info', 'Subject', 'ix', 'c')
  const colon = fc.constantFrom(':', ': ', ' :', ' \t:\t ', ' \r\n :', ':\r\n\t')
  const via = fc
    .tuple(fc.constantFrom('v', 'Via', 'VIA '), fc.constantFrom('z9hG4bKabw', 'z9hG4bKw', 'w'), fc.nat({ max: 12 }))
    .map(([field, begin, worker]) => `${field}: SIP/2.0/UDP h;branch=${begin}${worker}.1.1`)
  const line = fc.oneof(
    fc.tuple(name, colon, odd).map((parts) => parts.join('')),
    via,
  )
  const start = fc.constantFrom(
    requestLine,
    'SIP/2.0 200 OK',
    'sip/2.0 180 ',
    'REGISTER sip:a SIP/2.0',
    'A sip:b SIP/2.0',
  )
  const message = fc
    .tuple(fc.constantFrom('', '\r\n', '\n\n'), start, fc.array(line, { maxLength: 8 }), fc.constantFrom('\r\n', '\n'))
    .map(([empty, first, lines, end]) => empty + wire(lines, 'i: x', first).replaceAll('\r\n', end))

  it('agrees with the parser on every message that it accepts', () => {
    let accepted = 0
    fc.assert(
      fc.property(message, fc.integer({ min: 2, max: 16 }), (text, workers) => {
        const bytes = Buffer.from(text, 'latin1')
        const parsed = parseMessage(bytes)
        if (isMalformed(parsed)) return
        accepted++
        expect(ownerOf(bytes, workers)).toBe(ownerByMessage(parsed, workers))
      }),
      { seed, numRuns: 5000 },
    )
    expect(accepted).toBeGreaterThan(2000)
  })

  it('arbitrary bytes are a number or undefined, never an exception', () => {
    const begin = fc.constantFrom(
      '',
      'REGISTER',
      'SIP/',
      'SIP/2.0 200\nv:z9hG4bK',
      'A\ni',
      'A\ncall-id',
      'A\ni:',
      'A\r\ni \r\n',
    )
    fc.assert(
      fc.property(begin, fc.uint8Array({ maxLength: 60 }), (first, noise) => {
        const found = ownerOf(Buffer.concat([Buffer.from(first), noise]), 4) ?? 0
        expect([0, 1, 2, 3]).toContain(found)
      }),
      { seed, numRuns: 3000 },
    )
  })
})

describe('a hash', () => {
  it.each<[string, (i: number) => string]>([
    ['counted, as SIPp has them', (i) => `${i}-4711@127.0.0.1`],
    ['of hexadecimal digits', (i) => (Math.imul(i, 0x9e3779b1) >>> 0).toString(16).padStart(16, '0')],
    ['whose characters are all even', (i) => [...i.toString(2)].map((bit) => 'bd'[Number(bit)]).join('')],
    ['that differ in their first characters', (i) => `${i}-0123456789abcdef0123456789abcdef@a-long-name.example.com`],
  ])('spreads evenly: Call-IDs %s', (_, make) => {
    const many = 20_000
    for (const workers of [2, 3, 4, 8, 16]) {
      const shares = Array.from({ length: workers }, () => 0)
      for (let i = 0; i < many; i++) shares[ownerOfCall(make(i), workers)]!++
      // Five standard deviations of what chance would do.
      const even = many / workers
      for (const share of shares) expect(Math.abs(share - even)).toBeLessThan(5 * Math.sqrt(even))
    }
  })

  it('is the same in every process and version: a call outlives them', () => {
    const ids = ['', 'a', callId, '1-4711@127.0.0.1', '\xff']
    expect(ids.map((id) => ownerOfCall(id, 65_536))).toEqual([31_755, 45_491, 7_704, 40_710, 32_285])
  })
})
