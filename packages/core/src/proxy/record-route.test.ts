/** The Record-Route of ours and what its parameters bring back. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Address } from '../message/address.ts'
import { offsetAlone, raised, recordRoute, shiftOf } from './record-route.ts'

const read = (value: string): Address => Address.parse(value)!

describe('RFC 3261 §16.6 step 4: our Record-Route', () => {
  it('is a loose route to us, and nothing else where the CSeq was not raised', () => {
    expect(recordRoute('192.0.2.1:5060', 0, 'alice')).toBe('<sip:192.0.2.1:5060;lr>')
  })

  it('says how far the CSeq was raised, and from which side', () => {
    expect(recordRoute('[2001:db8::1]:5060', 2, 'alice')).toBe('<sip:[2001:db8::1]:5060;lr;cs=2;ftag=alice>')
  })

  it.each(['a;b', 'a>b', 'a"b', 'a b', 'a%41', 'a=b,c', 'gr\xc3\xbc\xc3\x9fe', ''])('survives the tag %j', (tag) =>
    expect(shiftOf(read(recordRoute('h:1', 3, tag)).uriBytes, tag)).toBe(3),
  )

  it('brings any tag and any offset back, in a URI that can be read', () => {
    const tags = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) })
    fc.assert(
      fc.property(tags, fc.integer({ min: 1, max: 999_999 }), (tag, shift) => {
        const route = read(recordRoute('192.0.2.1:5060', shift, tag))
        expect(route.isValid).toBe(true)
        expect(route.uri.param('lr')).toBe('')
        expect(shiftOf(route.uriBytes, tag)).toBe(shift)
        expect(shiftOf(route.uriBytes, tag + 'x')).toBe(0)
        expect([shift, undefined]).toContain(offsetAlone(route.uriBytes, tag))
      }),
    )
  })
})

describe('RFC 3261 §12.2.1.1: an offset that means nothing is none', () => {
  it.each([
    '<sip:h>',
    '<sip:h;lr>',
    '<sip:h;lr;ftag=a>',
    '<sip:h;lr;cs=;ftag=a>',
    '<sip:h;lr;cs;ftag=a>',
    '<sip:h;lr;cs=-1;ftag=a>',
    '<sip:h;lr;cs=1.5;ftag=a>',
    '<sip:h;lr;cs=1e3;ftag=a>',
    '<sip:h;lr;cs=0x10;ftag=a>',
    '<sip:h;lr;cs=1000000;ftag=a>',
    '<sip:h;lr;cs=99999999999999999999;ftag=a>',
    '<sip:h;lr;cs=1;ftag=b>',
    '<sip:h;lr;cs=1;ftag=A>',
    '<sip:h;lr;cs=1>',
    '<sip:h;lr>;cs=1;ftag=a',
  ])('%s', (route) => expect(shiftOf(read(route).uriBytes, 'a')).toBe(0))
})

it.each([
  ['sip:h:1;lr', 0],
  ['sip:h:1;lr;cs=2;ftag=a', 2],
  ['sip:h:1;lr;cs=2;ftag=b', 0],
  ['sip:h:1;lr;cs=2;ftag=', 0],
  ['sip:h:1;lr;cs=2;ftag=a;vsf=~1x', undefined],
  ['sip:h:1;lr;vsf=~1x', undefined],
  ['sip:h:1;lr;cs=2;ftag=%61', undefined],
  ['sip:h:1;lr;cs=1234567;ftag=a', undefined],
  ['sip:h:1;lr;ftag=a;cs=2', undefined],
  ['sip:h:1;cs=2;ftag=a', undefined],
  ['sip:h:1', undefined],
])('%s: what is said beside the offset is not passed over', (uri, offset) => expect(offsetAlone(uri, 'a')).toBe(offset))

describe('RFC 3261 §8.1.1.5: a raised CSeq', () => {
  it.each([
    [1, 1, 2],
    [314_159, 0, 314_159],
    [2 ** 31 - 2, 1, 2 ** 31 - 1],
  ])('%d and %d is %d', (cseq, shift, sum) => expect(raised(cseq, shift)).toBe(sum))

  it('stays as it is where it would leave the range', () => {
    const most = 2 ** 32 - 1
    expect(raised(most, 1)).toBeLessThanOrEqual(most)
  })
})
