/** Kamailio's parameter: the values that it was seen to write, and what may not become a URI. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Uri } from '../message/uri.ts'
import { decodeXor, encodeXor } from './kamailio-xor.ts'

const robin = 'sip:robin@gotham.org'
const long = 'sip:alice@wonderland.example.com:5070'

// prettier-ignore
const vectors = [
  { original: 'sip:alice@example.com', now: robin, key: '', value: 'AAAAABMDCwoLAAIXFQURAUtBEQht' },
  { original: long, now: robin, key: '', value: 'AAAAABMDCwoLABAAGgwEH0IOHAMuZXhhbXBsZS5jb206NTA3MA--' },
  { original: long, now: robin, key: 'secret', value: 'c2VjcnZ3eG9ocnV0aWlnbSd6b2ZNFx0VHhUPF0sXHAhZR1VDQw--' },
  { original: 'sip:alice@example.com', now: `${robin};user=phone`, key: '', value: 'AAAAABMDCwoLAAIXFQURAUtBEQhWdXNlcj1waG9uZQ--' },
  { original: 'sip:a@e', now: robin, key: '', value: 'AAAAABMvB2luQGdvdGhhbS5vcmc-' },
  { original: 'sip:bob@example.net', now: 'sip:newto@gotham.org', key: '', value: 'AAAAAAwKFTQKOAYCBAQEQ0AKBmc-' },
]

describe('Case 34: the legacy codec', () => {
  it.each(vectors)('$original as $now under "$key"', ({ original, now, key, value }) => {
    expect(encodeXor(original, now, key)).toBe(value)
    expect(decodeXor(value, now, key)).toBe(original)
    expect(decodeXor(value, original, key)).toBe(now)
  })

  it.each([
    ['a URI that is longer than both', vectors[0]!.value, `${robin}:5060;transport=udp`],
    ['a wrong key', vectors[2]!.value, robin],
    ['nothing', '', robin],
    ['padding alone', '--', robin],
    ['padding in the middle', 'AA--AAAA', ''],
    ['too short for base64', 'AAAAA', 'sip'],
    ['other characters', 'AAAA_AAA', 'sip:'],
    ['more than 1024 bytes', 'A'.repeat(1_400), robin],
    ['what comes out is no URI', Buffer.from('hello').toString('base64'), ''],
    ['what comes out is of another scheme', Buffer.from('http://x').toString('base64'), ''],
    ['what comes out has a control character', Buffer.from('sip:a@b\x01').toString('base64'), ''],
    ['what comes out has a zero behind it', Buffer.from('sip:a@b\0').toString('base64'), ''],
  ])('no URI of %s', (_, value, from) => {
    expect(decodeXor(value, from, '')).toBeUndefined()
  })

  it('longer than 1024 bytes is not written', () => {
    expect(encodeXor('sip:a', `sip:${'x'.repeat(1_021)}`, '')).toBeUndefined()
  })

  it('whatever a peer makes of value and URI: a SIP, SIPS or tel URI that reads, or nothing', () => {
    const text = fc.string({ unit: fc.constantFrom(...'sip:tel@.;ABCxyz019+/-=<> \u00ff'), maxLength: 40 })
    fc.assert(
      fc.property(text, text, fc.constantFrom('', 'secret'), (value, from, key) => {
        const uri = decodeXor(value, from, key)
        if (uri !== undefined) expect(Uri.parse(uri)?.scheme).toMatch(/^(sips?|tel)$/)
      }),
      { seed: 3261, numRuns: 2_000 },
    )
  })
})
