/** What of a challenge can be answered, and why the rest cannot. */
import { describe, expect, it } from 'vitest'
import { readChallenges } from './challenge.ts'
import { usable, type UsableChallenge } from './usable-challenge.ts'

function read(value: string): UsableChallenge | string {
  return usable(readChallenges(value)[0]!)
}

describe('RFC 7616 §3.3: a challenge that cannot be answered says why', () => {
  it.each([
    ['Basic realm="r"', 'scheme basic is not Digest'],
    ['Digest realm="r"', 'the challenge has no nonce'],
    ['Digest realm="r", nonce=""', 'the challenge has no nonce'],
    ['Digest realm="r", nonce="n", algorithm=SHA-1', 'algorithm SHA-1 is not known'],
    ['Digest realm="r", nonce="n", qop="auth-conf"', 'qop auth-conf is not known'],
    ['Digest realm="r", nonce="n", qop="foo,bar"', 'qop foo, bar is not known'],
    ['Digest realm="r\rX: y", nonce="n"', 'the challenge has a line break in a value'],
    ['Digest realm="r", nonce="n\nX: y"', 'the challenge has a line break in a value'],
    ['Digest realm="r", nonce="n", opaque="\0"', 'the challenge has a line break in a value'],
  ])('%j', (challenge, why) => expect(read(challenge)).toBe(why))
})

it.each([
  ['true', true],
  ['TRUE', true],
  ['"true"', true],
  ['false', false],
  ['maybe', false],
])('RFC 7616 §3.3: stale=%s is %s, and userhash likewise', (text, expected) =>
  expect(read(`Digest realm="r", nonce="n", stale=${text}, userhash=${text}`)).toMatchObject({
    stale: expected,
    userhash: expected,
  }),
)

it.each([
  ['""', ''],
  ['" , "', ''],
  ['', ''],
  ['auth', 'auth'],
  ['"AUTH"', 'auth'],
  ['"auth,auth-int"', 'auth'],
  ['"auth-int, auth"', 'auth'],
  ['auth-int,auth', 'auth'],
  ['"foo, Auth-Int"', 'auth-int'],
])('RFC 7616 §3.3: of qop=%s it is %j', (text, qop) =>
  expect(read(`Digest realm="r", qop=${text}, nonce="n"`)).toMatchObject({ qop, nonce: 'n' }),
)
