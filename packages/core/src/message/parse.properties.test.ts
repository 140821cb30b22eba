/** Whatever comes: well-formed messages leave as they came, anything else is a value, and nothing takes long. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkMessage, isAnswerable } from './check.ts'
import { H } from './header-names.ts'
import { Headers } from './headers.ts'
import type { Message } from './message.ts'
import { isMalformed, parseMessage, parseText, type Malformed } from './parse.ts'
import { makeResponse } from './reply.ts'
import { invite, mandatory, read, requestLine, wire } from './sample.ts'

const seed = 3261

// Well-formed messages, as odd as RFC 3261 §25 lets them be.
const token = fc.string({ unit: fc.constantFrom(..."abcXYZ019-.!%*_+`'~"), minLength: 1, maxLength: 12 })
const text = fc.string({
  unit: fc.constantFrom(...'abcXYZ012 \t"\\<>,;=:@()[]?/&%\x01\x7f\x80\xff', '\xc3\xbc', '\r\n ', '\r\n\t'),
  maxLength: 40,
})
const lonelyName = fc.constantFrom('Via', 'v', 'm', 'Route', 'CONTACT', 'Subject', 's', 'allow', 'X', 'Warning')
const colon = fc.constantFrom(':', ': ', ' :', ' \t:\t ')
const line = fc
  .tuple(
    fc.oneof(
      lonelyName,
      token.map((name) => 'X' + name),
    ),
    colon,
    text,
  )
  .map((parts) => parts.join(''))
const uri = fc.string({ unit: fc.constantFrom(...'sip:abc@[]<>;?=%"\t\xe9'), minLength: 1, maxLength: 20 })
const startLine = fc.oneof(
  fc.tuple(token, uri).map(([method, target]) => `${method} ${target} SIP/2.0`),
  fc.tuple(fc.integer({ min: 100, max: 699 }), text).map(([status, reason]) => {
    return `SIP/2.0 ${status} ${reason.replace(/[\r\n]+/g, '')}`
  }),
)
const body = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1'))
const wellFormed = fc
  .tuple(startLine, fc.array(line, { maxLength: 12 }), body, fc.option(colon))
  .map(([start, lines, content, length]) => {
    const all = length === null ? lines : [...lines, 'Content-Length' + length + content.length]
    return { start, lines: all, body: content, wire: wire(all, content, start) }
  })

describe('properties', () => {
  it('RFC 3261 §16.6: a message that nobody touched leaves as the very bytes that came', () => {
    fc.assert(
      fc.property(wellFormed, (each) => {
        const message = parseMessage(Buffer.from(each.wire, 'latin1'))
        if (isMalformed(message)) throw new Error(message.code)
        expect([message.toWire(), message.clone().toWire(), message.body]).toEqual([each.wire, each.wire, each.body])
        expect(message.fields).toHaveLength(each.lines.length)
      }),
      { seed, numRuns: 500 },
    )
  })

  it('RFC 3261 §16.6: one header edited, every other line is the very bytes that came', () => {
    const place = fc.nat({ max: 12 })
    const edit = fc.constantFrom('set', 'add', 'delete')
    fc.assert(
      fc.property(wellFormed, place, edit, ({ start, lines, body: content }, at, how) => {
        const before = lines.slice(0, at)
        const after = lines.slice(at)
        const message = read(wire([...before, 'Q-Edited: old', ...after], content, start))
        const headers = new Headers(message)
        if (how === 'delete') headers.delete('q-edited')
        else headers[how]('q-edited', 'new')
        const edited = how === 'set' ? ['q-edited: new'] : how === 'add' ? ['Q-Edited: old'] : []
        const added = how === 'add' ? ['q-edited: new'] : []
        expect(message.toWire()).toBe(wire([...before, ...edited, ...after, ...added], content, start))
      }),
      { seed, numRuns: 500 },
    )
  })

  it('arbitrary bytes are a value, never an exception', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.uint8Array({ maxLength: 100 }).map((noise) => Buffer.concat([Buffer.from(requestLine + '\r\n'), noise])),
      fc.uint8Array({ maxLength: 100 }).map((noise) => Buffer.concat([Buffer.from('SIP/2.0 200 '), noise])),
    )
    fc.assert(
      fc.property(bytes, (each) => survives(Buffer.from(each))),
      { seed, numRuns: 2000 },
    )
  })

  it('a valid message with anything done to it is a value, never an exception', () => {
    const piece = fc.constantFrom(
      '\r',
      '\n',
      '\r\n',
      '\r\n ',
      '\0',
      ' ',
      ':',
      ';',
      ',',
      '"',
      '<',
      '>',
      '\xff',
      'l: 5\r\n',
    )
    const mutation = fc.record({ at: fc.nat({ max: 500 }), cut: fc.nat({ max: 6 }), put: fc.oneof(piece, text) })
    const valid = fc.oneof(
      fc.constant(invite('m: "A, B" <sip:a@b>;q=1', 'Content-Length: 0')),
      wellFormed.map((each) => each.wire),
    )
    fc.assert(
      fc.property(valid, fc.array(mutation, { minLength: 1, maxLength: 6 }), (start, mutations) => {
        let mutated = start
        for (const { at, cut, put } of mutations) mutated = mutated.slice(0, at) + put + mutated.slice(at + cut)
        return survives(Buffer.from(mutated, 'latin1'))
      }),
      { seed, numRuns: 3000 },
    )
  })
})

/** Reads a datagram and everything in it. False when something would not come to rest: what is written must be read alike. */
function survives(datagram: Buffer): boolean {
  const result = parseMessage(datagram)
  if (!isMalformed(result)) {
    readAll(result)
    const again = parseText(result.toWire())
    return !isMalformed(again) && again.toWire() === result.toWire()
  }
  return isInside(result, datagram.length) && (result.message === undefined || readAll(result.message))
}

/** A head with lone LFs grows when they become CR LF. */
function isInside({ offset }: Malformed, length: number): boolean {
  return Number.isInteger(offset) && offset >= 0 && offset <= 2 * length
}

function readAll(message: Message): boolean {
  checkMessage(message)
  for (const id of Object.values(H)) {
    message.values(id)
    const address = message.address(id)
    if (address !== undefined)
      void [address.uri.user, address.display, address.tag, address.param('x'), String(address)]
  }
  void [message.uri?.param('lr'), message.method, message.fromTag, message.toTag, message.callId]
  const headers = new Headers(message)
  for (const field of message.fields) headers.getAll(field.name)
  if (isAnswerable(message)) makeResponse(message, 400, '', 'tag').toWire()
  return true
}

describe('time', () => {
  const size = 60_000
  const fill = (piece: string): string => piece.repeat(Math.floor(size / piece.length))
  const noises: [string, string][] = [
    ['blanks', ' '],
    ['tabs before a fold', '\t \r\n '],
    ['folds', '\r\n '],
    ['commas', ','],
    ['values', 'a,'],
    ['semicolons', ';'],
    ['parameters', ';a=b'],
    ['quotes', '"'],
    ['escapes', '\\"'],
    ['opening brackets', '<'],
    ['closing brackets', '>'],
    ['colons', ' : '],
    ['slashes', 'SIP / '],
    ['percents', '%'],
    ['quoted NULs', '\\\0'],
    ['bytes beyond ASCII', '\xc3'],
  ]

  it.each(noises)('RFC 3261 §26.3.2.4: a datagram of %s costs next to nothing, wherever they stand', (_, piece) => {
    const noise = fill(piece)
    const values = [
      'X',
      'Via: SIP/2.0/UDP h',
      'Via: SIP',
      'To: a',
      'To: <sip:a@b>',
      'CSeq: 1',
      'Contact: "',
      'Route: <sip:r>',
    ]
    for (const start of values) {
      const lineOf = (text: string): string => (start.includes(':') ? start + text : start + ':' + text)
      const others = mandatory.filter((each) => !each.startsWith(start.split(':')[0]! + ':'))
      for (const text of [lineOf(noise + 'x'), lineOf('\r\n ' + noise + '\r\n x')]) {
        const started = performance.now()
        survives(Buffer.from(wire([text, ...others]), 'latin1'))
        expect(performance.now() - started, start).toBeLessThan(1000)
      }
    }
  })

  it.each(['\n', '\r', '\r\n', 'a:\n', 'a:\r\n', 'a\n ', '\0', ' ', 'SIP/2.0 ', 'INVITE ', 'A '])(
    'RFC 3261 §26.3.2.4: a datagram of %j alone costs next to nothing',
    (piece) => {
      const started = performance.now()
      survives(Buffer.from(fill(piece), 'latin1'))
      survives(Buffer.from(requestLine + '\r\n' + fill(piece), 'latin1'))
      survives(Buffer.from(requestLine + '\n' + fill(piece), 'latin1'))
      expect(performance.now() - started).toBeLessThan(1000)
    },
  )
})
