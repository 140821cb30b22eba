/** RFC 3261 §20.10 and §25.1: name-addr and addr-spec with header parameters. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Address, tagOf } from './address.ts'
import { quote, toBytes } from './chars.ts'

function address(value: string): Address {
  const parsed = Address.parse(value)
  if (parsed === undefined) throw new Error(`no address: ${value}`)
  return parsed
}

describe('Address.parse', () => {
  it.each([
    ['<sip:a@b>', '', 'sip:a@b', ''],
    ['sip:a@b', '', 'sip:a@b', ''],
    ['sip:a@b;tag=1', '', 'sip:a@b', '1'],
    ['<sip:a@b;tag=uri>;tag=2', '', 'sip:a@b;tag=uri', '2'],
    ['Alice <sip:a@b>;Tag=3', 'Alice', 'sip:a@b', '3'],
    ['A. G.  Bell <sip:a@b> ; tag = 4', 'A. G.  Bell', 'sip:a@b', '4'],
    ['caller<sip:a@b>;tag=323', 'caller', 'sip:a@b', '323'],
    ['"A, <B>; \\"C\\" \\\\" <sip:a@b>;tag=5', 'A, <B>; "C" \\', 'sip:a@b', '5'],
    ['""<sip:a@b>', '', 'sip:a@b', ''],
    ['"x";y <sip:a@b>', undefined, '', ''],
    ['J\xc3\xbcrgen <sip:a@b>', 'Jürgen', 'sip:a@b', ''],
    ['"J\xc3\xbcrgen" <sip:a@b>', 'Jürgen', 'sip:a@b', ''],
    ['"Alice"\r\n <sip:a@b>\r\n ;tag=6', 'Alice', 'sip:a@b', '6'],
    ['< sip:a@b >', '', 'sip:a@b', ''],
    ['sip:a@b;x="<c>";tag=7', '', 'sip:a@b', '7'],
    ['sip:a@b;tag=8;x="\\"<c>;tag=9"', '', 'sip:a@b', '8'],
    ['%Z%45 <sip:a@b>', '%Z%45', 'sip:a@b', ''],
  ])('RFC 3261 §20.10: %j', (value, display, uri, tag) => {
    const parsed = Address.parse(value)
    if (display === undefined) return expect(parsed).toBeUndefined()
    expect([parsed?.display, parsed?.uri.toString(), parsed?.tag]).toEqual([display, uri, tag])
    expect(tagOf(value)).toBe(tag)
  })

  it.each([
    ['', 'nothing'],
    ['"Alice <sip:a@b>', 'a quote without its end'],
    ['"Alice"', 'a name without an address'],
    ['"Alice" sip:a@b', 'a quoted name without brackets'],
    ['Alice <sip:a@b', 'a bracket without its end'],
    ['Bell, Alexander <sip:a@b>', 'a name of other than tokens'],
    ['Al;ice <sip:a@b>', 'a semicolon in a name without quotes'],
    ['sip:a@b;x="<c>', 'a parameter whose quote has no end'],
    ['"Alice" x <sip:a@b>', 'something between name and bracket'],
    ['<sip:a@b> x', 'something behind the bracket'],
    ['<sip:a@b>, <sip:c@d>', 'two'],
    ['sip:a@b,sip:c@d', 'two without brackets'],
    ['sip:a@b?Route=%3Csip:x%3E', 'a ? without brackets'],
    ['"a\rb" <sip:a@b>', 'a line break in the name'],
    ['<sip:a@b>;x="\n"', 'a line break in a parameter'],
  ])('RFC 3261 §20.10: %j is none: %s', (value) => expect(Address.parse(value)).toBeUndefined())

  it('RFC 3261 §20.10: without brackets the parameters are of the header', () => {
    const parsed = address('sip:+19725552222@gw1.example.net;unknownparam')
    expect([parsed.uri.param('unknownparam'), parsed.param('unknownparam')]).toEqual([undefined, ''])
  })

  it('RFC 3261 §20.10: within brackets they are of the URI', () => {
    const parsed = address('<sip:+19725552222@gw1.example.net;unknownparam>')
    expect([parsed.uri.param('unknownparam'), parsed.param('unknownparam')]).toEqual(['', undefined])
  })

  it('RFC 3261 §25.1: parameters in any case, quoted ones without quotes and escapes', () => {
    const parsed = address('<sip:a@b>;Q=0.7;x="a;\\"b\\" \xc3\xbc";lr')
    expect([parsed.param('q'), parsed.param('X'), parsed.param('lr'), parsed.param('y')]).toEqual([
      '0.7',
      'a;"b" ü',
      '',
      undefined,
    ])
    expect(parsed.rawParam('x')).toBe('"a;\\"b\\" \xc3\xbc"')
  })

  it('reads a URI that is none without a crash', () => {
    const parsed = address('<sip:a b@c>;tag=1')
    expect([parsed.isValid, parsed.uri.user, parsed.uri.scheme, parsed.tag]).toEqual([false, '', 'invalid', '1'])
    expect(parsed.uriBytes).toBe('sip:a b@c')
    expect(address('<sip:a@c>').isValid).toBe(true)
  })

  it('shows itself in Unicode on one line', () => {
    const parsed = address('"J\xc3\xbcrgen"\r\n\t<sip:a@b>')
    expect(String(parsed)).toBe('"Jürgen" <sip:a@b>')
    expect(JSON.stringify([parsed])).toBe('["\\"Jürgen\\" <sip:a@b>"]')
  })

  it('RFC 3261 §25.1: any display name that is quoted is read back', () => {
    const display = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n]/.test(text))
    fc.assert(
      fc.property(display, (text) => {
        const parsed = address(quote(toBytes(text)) + ' <sip:a@b>;tag=x')
        expect([parsed.display, parsed.uri.host, parsed.tag]).toEqual([text, 'b', 'x'])
      }),
      { seed: 3261 },
    )
  })
})

describe('tagOf', () => {
  it.each([
    ['"x>;tag=no" <sip:a@b>;tag=1', '1'],
    ['<sip:a@b>;tag=2;x=">"', '2'],
    ['<sip:a@b>;x=">;tag=no";tag=3', '3'],
    ['"\\"<" <sip:a@b;tag=no>', ''],
    ['<sip:a@b>;tag', ''],
    ['<sip:a@b', ''],
    ['', ''],
  ])('RFC 3261 §19.3: the tag of %s', (value, tag) => {
    expect(tagOf(value)).toBe(tag)
    expect(Address.parse(value)?.tag ?? '').toBe(tag)
  })

  it('agrees with Address on whatever both can read', () => {
    const piece = fc.constantFrom('<', '>', '"', '\\', ';', 'tag=1', ';tag=2', 'sip:a@b', '<sip:a@b>', ' ', ',', 'x')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
        const value = pieces.join('').trim()
        const parsed = Address.parse(value)
        if (parsed !== undefined) expect(tagOf(value)).toBe(parsed.tag)
      }),
      { seed: 3261, numRuns: 3000 },
    )
  })
})
