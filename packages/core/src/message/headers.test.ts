/** RFC 3261 §7.3 as a route sees it: by name, in Unicode, read back at once; what breaks a message or is the core's is refused. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Headers, newField } from './headers.ts'
import type { Message } from './message.ts'
import { invite, read } from './sample.ts'

const badHeader = expect.objectContaining({ name: 'SignalboxError', code: 'BAD_HEADER' })

function of(...lines: string[]): { headers: Headers; message: Message } {
  const message = read(invite(...lines))
  return { headers: new Headers(message), message }
}

describe('reading', () => {
  const { headers } = of(
    'Supported: 100rel , timer',
    'X-One: a, b',
    'k: path',
    'x-ONE:c',
    's:',
    'Subject-X: I know\r\n  you',
    'Warning: 307 isi.edu "Session, parameter", 399 h "x"',
    'm: "A, B" <sip:a@b;x=1>;q=1 , <sip:c,d@e>',
    'Proxy-Authenticate: Digest realm="a", nonce="b"',
    'Organization: J\xc3\xbcrgen & S\xf6hne',
    'Call-Info: \xc3\xa4, b',
    'j: *;x="a,b"',
  )

  it('RFC 3261 §7.3.1: names in any case and in their compact form, values in order', () => {
    expect(headers.getAll('supported')).toEqual(['100rel', 'timer', 'path'])
    expect(headers.getAll('K')).toEqual(['100rel', 'timer', 'path'])
    expect(headers.get('x-one')).toBe('a, b')
    expect(headers.getAll('X-ONE')).toEqual(['a, b', 'c'])
    expect(headers.get('Via')).toBe('SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bKnashds8')
    expect(headers.get('i')).toBe('a84b4c76e66710@pc33.atlanta.example.com')
    expect(headers.getAll('Reject-Contact')).toEqual(['*;x="a,b"'])
  })

  it('RFC 3261 §7.3.1: lists are split outside quotes and brackets; credentials are not split', () => {
    expect(headers.getAll('Contact')).toEqual(['"A, B" <sip:a@b;x=1>;q=1', '<sip:c,d@e>'])
    expect(headers.getAll('Warning')).toEqual(['307 isi.edu "Session, parameter"', '399 h "x"'])
    expect(headers.getAll('Proxy-Authenticate')).toEqual(['Digest realm="a", nonce="b"'])
  })

  it('RFC 3261 §7.3.1: a folded value is one line', () => expect(headers.get('Subject-X')).toBe('I know you'))

  it('tells an empty header from one that is not there', () => {
    expect([headers.get('Subject'), headers.has('s'), headers.getAll('Subject')]).toEqual(['', true, ['']])
    expect([headers.get('X-None'), headers.has('X-None'), headers.getAll('X-None')]).toEqual([undefined, false, []])
    expect([headers.get('no name'), headers.has('')]).toEqual([undefined, false])
  })

  it('shows UTF-8 as Unicode, and as latin1 what is no UTF-8', () => {
    expect(headers.getAll('Call-Info')).toEqual(['ä', 'b'])
    expect(headers.get('Organization')).toBe('J\xc3\xbcrgen & S\xf6hne')
  })

  it('splits a datagram of commas', () => {
    const many = of('Supported: ' + 'a,'.repeat(4_000)).headers
    expect(many.getAll('k')).toHaveLength(4_000)
  })
})

describe('writing', () => {
  it('reads back at once what was set, added and deleted, by any of its names', () => {
    const { headers, message } = of('Subject: old', 'X-A: 1', 'Event: x')
    headers.set('s', 'new')
    headers.add('x-a', '2')
    headers.set('X-B', ['3', '4'])
    expect(headers.delete('o')).toBe(true)
    expect([headers.get('Subject'), headers.getAll('X-A'), headers.getAll('x-b')]).toEqual([
      'new',
      ['1', '2'],
      ['3', '4'],
    ])
    expect([headers.has('Event'), headers.delete('Event'), headers.delete('X-None')]).toEqual([false, false, false])
    expect(message.toWire().split('\r\n').slice(7)).toEqual([
      'Subject: new',
      'X-A: 1',
      'x-a: 2',
      'X-B: 3',
      'X-B: 4',
      '',
      '',
    ])
  })

  it('RFC 3261 §7.3.1: replaces every value where the first one stood', () => {
    const { headers, message } = of('X-A: 1', 'Allow: INVITE', 'X-A: 2', 'Event: e')
    headers.set('X-A', ['3', '4'])
    expect(message.toWire().split('\r\n').slice(7, 11)).toEqual(['X-A: 3', 'X-A: 4', 'Allow: INVITE', 'Event: e'])
    headers.set('X-A', [])
    expect(headers.has('X-A')).toBe(false)
  })

  it('RFC 3261 §7.3.1: a list is written as it is given and read value by value', () => {
    const { headers, message } = of()
    headers.set('Supported', 'path, gruu')
    headers.add('k', 'outbound')
    expect(headers.getAll('Supported')).toEqual(['path', 'gruu', 'outbound'])
    expect(message.toWire()).toContain('Supported: path, gruu\r\nSupported: outbound\r\n')
  })

  it('writes UTF-8 and reads Unicode', () => {
    const { headers, message } = of()
    headers.set('Subject', 'Grüße 🚂')
    expect(headers.get('Subject')).toBe('Grüße 🚂')
    expect(Buffer.from(message.toWire(), 'latin1').toString('utf8')).toContain('Subject: Grüße 🚂\r\n')
  })

  it('reads back whatever it took, and takes whatever breaks no line', () => {
    const name = fc.string({ unit: fc.constantFrom(..."abzAZ09-.!%*_+`'~"), minLength: 1 }).map((text) => 'X-' + text)
    const value = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n\0]/.test(text))
    fc.assert(
      fc.property(name, value, (n, v) => {
        const { headers, message } = of('Event: x')
        headers.set(n, v)
        const blanksTrimmed = v.replace(/^[ \t]+|[ \t]+$/g, '')
        expect(headers.get(n.toUpperCase())).toBe(blanksTrimmed)
        const again = new Headers(read(message.toWire()))
        expect([again.get(n), again.get('Event')]).toEqual([blanksTrimmed, 'x'])
      }),
      { seed: 3261 },
    )
  })
})

describe('refusals', () => {
  const breaking = ['a\r\nVia: SIP/2.0/UDP evil', 'a\nb', 'a\rb', 'a\0b', '\r\n', 'a\r\n b', '\n']

  it.each(breaking)('RFC 3261 §7.3: the value %j is refused, the message unchanged', (value) => {
    const { headers, message } = of('X-A: 1')
    const before = message.toWire()
    expect(() => headers.set('X-A', value)).toThrow(badHeader)
    expect(() => headers.set('X-A', ['fine', value])).toThrow(badHeader)
    expect(() => headers.add('X-A', value)).toThrow(badHeader)
    expect(() => newField('X-A', value)).toThrow(badHeader)
    expect(message.toWire()).toBe(before)
  })

  it.each(['', ' ', 'X A', 'X:A', 'X-A:', 'X\r\nVia', 'X\0', 'Ü', '\u0158', 'X-\u0141', 'X\t', '"X"'])(
    'RFC 3261 §7.3.1: the name %j is refused, the message unchanged',
    (name) => {
      const { headers, message } = of('X-A: 1')
      const before = message.toWire()
      expect(() => headers.set(name, 'x')).toThrow(badHeader)
      expect(() => headers.set(name, [])).toThrow(badHeader)
      expect(() => headers.add(name, 'x')).toThrow(badHeader)
      expect(() => headers.delete(name)).toThrow(badHeader)
      expect(message.toWire()).toBe(before)
    },
  )

  it('refuses what is no string at all', () => {
    const { headers } = of()
    const nothing: unknown[] = [undefined, 5, [undefined], [5]]
    for (const value of nothing) expect(() => headers.set('X-A', value as string)).toThrow(badHeader)
    expect(() => headers.add('X-A', undefined as unknown as string)).toThrow(badHeader)
    expect(() => headers.add(undefined as unknown as string, 'x')).toThrow(badHeader)
  })

  it('makes no line break of characters whose low byte is one', () => {
    const { headers, message } = of()
    headers.set('X-A', 'a\u010d\u010aVia: evil\u0100')
    expect(read(message.toWire()).fields).toHaveLength(7)
  })

  it.each([
    ['Via', 'the core writes it'],
    ['v', 'the core writes it'],
    ['From', 'uac.replaceFrom'],
    ['f', 'uac.replaceFrom'],
    ['To', 'uac.replaceTo'],
    ['T', 'uac.replaceTo'],
    ['Call-ID', 'it identifies the call'],
    ['CSeq', 'uac.auth'],
    ['max-forwards', 'the core counts it down'],
    ['Route', 'relay({ to })'],
    ['RECORD-ROUTE', 'relay({ recordRoute })'],
    ['Content-Length', 'it follows from the body'],
    ['l', 'it follows from the body'],
  ])('%s belongs to the core, and the refusal names what to use: %s', (name, instead) => {
    const { headers, message } = of('Route: <sip:r;lr>', 'Record-Route: <sip:r;lr>', 'Content-Length: 0')
    const before = message.toWire()
    const refused = expect.objectContaining({ code: 'CORE_HEADER', message: expect.stringContaining(instead) })
    expect(() => headers.set(name, 'x')).toThrow(refused)
    expect(() => headers.set(name, [])).toThrow(refused)
    expect(() => headers.add(name, 'x')).toThrow(refused)
    expect(() => headers.delete(name)).toThrow(refused)
    expect(message.toWire()).toBe(before)
    expect(headers.has(name)).toBe(true)
  })
})
