/** From and To cut open and put together again: by example, and for whatever a phone or a route may write. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Address } from '../message/address.ts'
import { toBytes } from '../message/chars.ts'
import { Uri } from '../message/uri.ts'
import { edited, nameAddrOf, uriOf, withNameAddr } from './surgery.ts'

const changed = (value: string, change: { display?: string; uri?: string }): string =>
  withNameAddr(value, edited(nameAddrOf(value)!, change))

describe('Case 43: the header taken apart', () => {
  it.each([
    // A display name.
    ['"Al"<sip:a@b>;tag=1', { display: 'batman' }, 'batman <sip:a@b>;tag=1'],
    ['<sip:a@b>;tag=1', { display: 'batman' }, 'batman <sip:a@b>;tag=1'],
    ['sip:a@b;tag=1', { display: 'batman' }, 'batman <sip:a@b>;tag=1'],
    ['"Al" <sip:a@b>;tag=1', { display: '' }, '<sip:a@b>;tag=1'],
    ['Al Bundy <sip:a@b>', { display: '' }, '<sip:a@b>'],
    ['sip:a@b;tag=1', { display: '' }, 'sip:a@b;tag=1'],
    ['<sip:a@b>', { display: 'Al Bundy' }, 'Al Bundy <sip:a@b>'],
    ['<sip:a@b>', { display: 'Al  Bundy' }, '"Al  Bundy" <sip:a@b>'],
    ['<sip:a@b>', { display: 'Bundy, Al' }, '"Bundy, Al" <sip:a@b>'],
    ['<sip:a@b>', { display: 'a"b\\c' }, '"a\\"b\\\\c" <sip:a@b>'],
    ['<sip:a@b>', { display: '<sip:x@y>;tag=2' }, '"<sip:x@y>;tag=2" <sip:a@b>'],
    // A URI.
    ['"Al"<sip:a@b>;tag=1', { uri: 'sip:x@y' }, '"Al"<sip:x@y>;tag=1'],
    ['"a<b" <sip:a@b>;tag=1', { uri: 'sip:x@y' }, '"a<b" <sip:x@y>;tag=1'],
    ['sip:a@b;tag=1', { uri: 'sip:x@y' }, 'sip:x@y;tag=1'],
    ['sip:a@b ;tag=1', { uri: 'sip:x@y' }, 'sip:x@y ;tag=1'],
    ['sip:a@b;tag=1', { uri: 'sip:x@y;user=phone' }, '<sip:x@y;user=phone>;tag=1'],
    ['sip:a@b', { uri: 'sip:x,y@z' }, '<sip:x,y@z>'],
    // Both, and what belongs to the header.
    ['<sip:a@b;user=phone> ; tag=1;x="<y>"', { display: 'X', uri: 'tel:1' }, 'X <tel:1> ; tag=1;x="<y>"'],
    ['sip:a@b;x="<y>";tag=1', { uri: 'sip:x@y' }, 'sip:x@y;x="<y>";tag=1'],
    ['"Al"\r\n <sip:a@b>;tag=1', { uri: 'sip:x@y' }, '"Al" <sip:x@y>;tag=1'],
    ['<sip:a@b>', {}, '<sip:a@b>'],
  ])('%s with %o is %s', (value, change, result) => {
    expect(changed(value, change)).toBe(result)
  })

  it.each(['"Al', '"Al" sip:a@b', 'Al <sip:a@b'])('%s is no address and stays', (value) => {
    expect(nameAddrOf(value)).toBeUndefined()
    expect(uriOf(value)).toBeUndefined()
    expect(withNameAddr(value, '<sip:x@y>')).toBe(value)
  })

  it('an edit is one of what was restored, where something was', () => {
    expect(edited('sip:a@b', { base: '"Al" <sip:c@d>', uri: 'sip:x@y' })).toBe('"Al" <sip:x@y>')
  })
})

describe('whatever is written', () => {
  const word = fc.string({ unit: fc.constantFrom(...'ab .,;<>"\\@:', '\t', 'ü', '😀'), maxLength: 12 })
  const uri = fc.constantFrom(
    'sip:x@y',
    'sips:x;y@z:5061;user=phone',
    'tel:+49(30)1;ext=2',
    'sip:[::1]:5060;lr',
    'urn:x:y',
  )
  const tail = fc.constantFrom('', ';tag=abc', ' ;tag=a-b~c;x="<;>"', ';x;tag=1;y=2')
  const before = fc.constantFrom('sip:a@b', '<sip:a@b>', '"q \\" <" <sip:a@b;p=1>', 'A b <sip:a@b>', 'a<tel:1>')
  const change = fc.record({ display: word, uri }, { requiredKeys: [] })

  it('the result says what was asked for, and nothing else of the header has moved', () => {
    fc.assert(
      fc.property(before, tail, change, (nameAddr, params, { display, uri: to }) => {
        const value = nameAddr + params
        const old = Address.parse(value)!
        // No phone gets in with a bracket that only a parameter has.
        fc.pre(old !== undefined)
        const result = changed(value, {
          ...(display !== undefined && { display: toBytes(display) }),
          ...(to && { uri: to }),
        })
        const read = Address.parse(result)!
        expect(read.isValid).toBe(true)
        expect(read.display).toBe(display ?? old.display)
        expect(read.uriBytes).toBe(to ?? old.uriBytes)
        expect(result.endsWith(params)).toBe(true)
        expect(read.tag).toBe(old.tag)
        expect(Uri.parse(uriOf(result)!)).toBeDefined()
      }),
      { seed: 3261, numRuns: 2_000 },
    )
  })

  it('no value from the network throws, and what is no address stays', () => {
    const any = fc.string({ unit: fc.constantFrom(...'<>";:@\\ ,sipa=\t', '\r\n '), maxLength: 30 })
    fc.assert(
      fc.property(any, (value) => {
        const nameAddr = nameAddrOf(value)
        const result = withNameAddr(value, '<sip:x@y>')
        if (nameAddr === undefined) expect(result).toBe(value)
        else expect(result.startsWith('<sip:x@y>')).toBe(true)
      }),
      { seed: 3261, numRuns: 2_000 },
    )
  })
})
