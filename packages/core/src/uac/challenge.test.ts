/** Challenges as carriers write them, well and badly. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readChallenges } from './challenge.ts'

/** `scheme name=value …`, one string for each challenge. */
function read(value: string): string[] {
  return readChallenges(value).map(({ scheme, params }) =>
    [scheme, ...[...params].map(([name, text]) => `${name}=${text}`)].join(' '),
  )
}

describe('RFC 3261 §20.44: one challenge', () => {
  it.each([
    ['Digest realm="r", nonce="n"', 'digest realm=r nonce=n'],
    ['DIGEST Realm="r",NONCE="n",algorithm=md5', 'digest realm=r nonce=n algorithm=md5'],
    ['Digest\trealm = "r" ,\t nonce= "n"', 'digest realm=r nonce=n'],
    ['Digest realm="a, b=\\"c\\" \\\\", nonce="n,=\\\\"', 'digest realm=a, b="c" \\ nonce=n,=\\'],
    ['Digest realm="", nonce=""', 'digest realm= nonce='],
    ['Digest realm=asterisk, nonce=n1, qop=auth', 'digest realm=asterisk nonce=n1 qop=auth'],
    ['Digest realm=two words, nonce="n"', 'digest realm=two words nonce=n'],
    ['Digest realm="r", qop="auth,auth-int", stale=TRUE', 'digest realm=r qop=auth,auth-int stale=TRUE'],
    ['Digest realm="r", realm="other", nonce="n"', 'digest realm=r nonce=n'],
    ['Digest realm="r",, ,nonce="n",', 'digest realm=r nonce=n'],
    ['Digest qop=auth,auth-int, nonce="n"', 'digest qop=auth,auth-int nonce=n'],
    ['Digest x-new=1, realm="r"', 'digest x-new=1 realm=r'],
    ['Digest realm="gr\xc3\xbc\xc3\x9fe"', 'digest realm=gr\xc3\xbc\xc3\x9fe'],
    ['Digest', 'digest'],
    ['Basic realm="r"', 'basic realm=r'],
    ['Negotiate YWJj==', 'negotiate ywjj=='],
  ])('%s', (value, expected) => expect(read(value)).toEqual([expected]))
})

describe('RFC 7616 §3.3: several challenges in one header', () => {
  it.each<[string, string[]]>([
    ['Digest realm="a", nonce="1", Digest realm="b", nonce="2"', ['digest realm=a nonce=1', 'digest realm=b nonce=2']],
    [
      'Digest realm="a",algorithm=SHA-256,digest realm="a",algorithm=MD5',
      ['digest realm=a algorithm=SHA-256', 'digest realm=a algorithm=MD5'],
    ],
    ['Basic realm="r", Digest nonce="n"', ['basic realm=r', 'digest nonce=n']],
    ['Bearer, Digest nonce="n"', ['bearer', 'digest nonce=n']],
  ])('%s', (value, expected) => expect(read(value)).toEqual(expected))
})

describe('what cannot be read is skipped, the rest is kept', () => {
  it.each<[string, string[]]>([
    ['', []],
    [' , ,', []],
    ['realm="r"', []],
    ['"quoted" , Digest nonce="n"', ['digest nonce=n']],
    ['Digest realm="r", qop, nonce="n"', ['digest realm=r', 'qop nonce=n']],
    ['Digest realm "r", nonce="n"', ['digest', 'realm nonce=n']],
    ['auth, Digest nonce="n"', ['auth', 'digest nonce=n']],
    ['Digest realm="open', ['digest']],
    ['Digest realm="open\\', ['digest']],
    ['Digest =x, nonce="n"', []],
    ['Digest realm="r" nonce="n"', ['digest realm=r nonce=n']],
    ['Digest @@@, nonce="n"', ['digest nonce=n']],
    ['Digest realm=, nonce="n"', ['digest realm= nonce=n']],
  ])('%s', (value, expected) => expect(read(value)).toEqual(expected))
})

it('never throws and always ends, whatever it is given', () => {
  const noise = fc.string({ unit: fc.constantFrom(...'Digest realm="\\,= \t\r\n\x00\xff@;<>'), maxLength: 200 })
  fc.assert(
    fc.property(fc.oneof(noise, fc.string({ unit: 'binary' })), (value) => {
      for (const { scheme, params } of readChallenges(value)) {
        expect(scheme).not.toBe('')
        for (const name of params.keys()) expect(name).not.toBe('')
      }
    }),
    { numRuns: 1_000 },
  )
})

it('gives back what was quoted', () => {
  const text = fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)) })
  fc.assert(
    fc.property(text, text, (realm, nonce) => {
      const quote = (value: string): string => '"' + value.replace(/["\\]/g, '\\$&') + '"'
      const [challenge] = readChallenges(`Digest realm=${quote(realm)},nonce=${quote(nonce)}`)
      expect([challenge!.params.get('realm'), challenge!.params.get('nonce')]).toEqual([realm, nonce])
    }),
  )
})
