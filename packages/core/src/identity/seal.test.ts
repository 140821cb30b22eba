/** Sealed values: who has no key, or changes one bit, gets nothing. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endOfParamName } from '../message/chars.ts'
import { keyOfPassword, randomKey } from './keys.ts'
import { Seal } from './seal.ts'

const key = randomKey()
const seal = new Seal([key])
const texts = ['"Alice" <sip:alice@wonderland.example>', 'Robin <sip:robin@gotham.org>']

describe('Case 40: the new codec', () => {
  it('opens to what was sealed, bytes and all, in the same context only', () => {
    const bytes = fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)) })
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 4 }), bytes, (some, context) => {
        const value = seal.seal(some, context)
        expect(endOfParamName(value, 0, value.length)).toBe(value.length)
        expect(seal.open(value, context)).toEqual(some)
        expect(seal.open(value, context + 'x')).toBeUndefined()
      }),
      { seed: 3261, numRuns: 300 },
    )
  })

  it('one character changed to any other, taken away or added: nothing', () => {
    const value = seal.seal(texts, 'call')
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~+/=.'
    for (let i = 0; i < value.length; i++) {
      for (const char of alphabet) {
        const flipped = value.slice(0, i) + char + value.slice(i + 1)
        if (flipped !== value) expect([i, char, seal.open(flipped, 'call')]).toEqual([i, char, undefined])
      }
      expect(seal.open(value.slice(0, i) + value.slice(i + 1), 'call')).toBeUndefined()
      expect(seal.open(value.slice(0, i) + 'A' + value.slice(i), 'call')).toBeUndefined()
    }
  })

  it.each(['', '~', '~1', '~1AAAA', `~1${'A'.repeat(200)}`, '~2abc', 'plain'])('%s: nothing', (value) => {
    expect(seal.open(value, 'call')).toBeUndefined()
  })

  it('never the same twice, and lengths only in steps', () => {
    expect(new Set(Array.from({ length: 50 }, () => seal.seal(texts, 'call'))).size).toBe(50)
    const lengths = new Set(Array.from({ length: 65 }, (_, i) => seal.seal(['x'.repeat(i)], '').length))
    expect(lengths.size).toBe(3)
  })

  it('the first key seals, all open', () => {
    const [old, young] = [randomKey(), randomKey()]
    const value = new Seal([old]).seal(texts, 'call')
    expect(new Seal([young, old]).open(value, 'call')).toEqual(texts)
    expect(new Seal([young]).open(value, 'call')).toBeUndefined()
    expect(new Seal([young]).open(new Seal([young, old]).seal(texts, 'call'), 'call')).toEqual(texts)
  })

  it('a password alone makes the key', () => {
    const value = new Seal([keyOfPassword('secret')]).seal(texts, 'call')
    expect(new Seal([keyOfPassword('secret')]).open(value, 'call')).toEqual(texts)
    expect(new Seal([keyOfPassword('Secret')]).open(value, 'call')).toBeUndefined()
  })
})

describe('what has been opened', () => {
  it('is kept up to a bound, what was not used for longest goes', () => {
    const small = new Seal([key])
    const values = Array.from({ length: 4_097 }, (_, i) => small.seal([String(i)], 'call'))
    for (const value of values.slice(0, -1)) small.open(value, 'call')
    const first = small.open(values[0]!, 'call')
    small.open(values.at(-1)!, 'call')
    expect(small.size).toBe(4_096)
    // The very same object: it was kept. The second one was not.
    expect(small.open(values[0]!, 'call')).toBe(first)
    expect(small.size).toBe(4_096)
  })

  it('does not hold what could not be opened', () => {
    const small = new Seal([key])
    for (let i = 0; i < 10; i++) small.open(`~1${'A'.repeat(100 + 4 * i)}`, 'call')
    expect(small.size).toBe(0)
  })
})
