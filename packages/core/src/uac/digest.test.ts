/** The digest against published and measured values, and the header it goes into. */
import { describe, expect, it } from 'vitest'
import { readChallenges } from './challenge.ts'
import { digestAnswer, usable, type DigestRequest, type UsableChallenge } from './digest.ts'

const request: DigestRequest = {
  method: 'INVITE',
  uri: 'sip:bob@example.net',
  username: 'test',
  password: 'test',
  cnonce: '25606',
}

function read(value: string): UsableChallenge | string {
  return usable(readChallenges(value)[0]!)
}

function answer(value: string, changes: Partial<DigestRequest> = {}): Map<string, string> {
  const header = digestAnswer(read(value) as UsableChallenge, { ...request, ...changes })
  return new Map(readChallenges(header)[0]!.params)
}

describe('RFC 3261 §22.4: the response', () => {
  it.each<[string, string, Partial<DigestRequest>, string]>([
    ['without qop', 'Digest realm="asterisk", nonce="n1"', {}, '250d0d742ed12d43c8b185a2421b7ddb'],
    ['with qop=auth', 'Digest realm="asterisk", nonce="n1", qop="auth"', {}, '989e56f17c220047d9805a2f68a02c8f'],
    [
      'with auth among others',
      'Digest realm="asterisk", nonce="n1", qop="auth-int, AUTH"',
      {},
      '989e56f17c220047d9805a2f68a02c8f',
    ],
    [
      'of another nonce',
      'Digest realm="asterisk", nonce="38f3d429", qop="auth"',
      { cnonce: '2653606786' },
      '70030f8df44df948eacd933aa79dfbf1',
    ],
    [
      'of RFC 2617 §3.5',
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
      { method: 'GET', uri: '/dir/index.html', username: 'Mufasa', password: 'Circle Of Life', cnonce: '0a4f113b' },
      '6629fae49393a05397450978507c4ef1',
    ],
    [
      'of RFC 7616 §3.9.1, MD5',
      'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"',
      {
        method: 'GET',
        uri: '/dir/index.html',
        username: 'Mufasa',
        password: 'Circle of Life',
        cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
      },
      '8ca523f5e9506fed4657c9700eebdbec',
    ],
  ])('%s', (_, challenge, changes, expected) => expect(answer(challenge, changes).get('response')).toBe(expected))

  it('is over bytes, escapes undone: the realm a\\"b is a"b', () => {
    const [escaped, plain] = ['Digest realm="a\\"b", nonce="n"', 'Digest realm=a"b, nonce=n'].map((each) =>
      answer(each),
    )
    expect(escaped!.get('response')).toBe(plain!.get('response'))
  })
})

describe('RFC 3261 §25.1: the header', () => {
  const header = (value: string, changes: Partial<DigestRequest> = {}): string =>
    digestAnswer(read(value) as UsableChallenge, { ...request, ...changes })

  it('without qop has neither nc nor cnonce', () =>
    expect(header('Digest realm="asterisk", nonce="n1"')).toBe(
      'Digest username="test", realm="asterisk", nonce="n1", uri="sip:bob@example.net", ' +
        'response="250d0d742ed12d43c8b185a2421b7ddb", algorithm=MD5',
    ))

  it('with everything', () =>
    expect(header('Digest realm="asterisk", nonce="n1", opaque="o", algorithm=md5, qop="auth"')).toBe(
      'Digest username="test", realm="asterisk", nonce="n1", uri="sip:bob@example.net", opaque="o", qop=auth, ' +
        'nc=00000001, cnonce="25606", response="989e56f17c220047d9805a2f68a02c8f", algorithm=md5',
    ))

  it('escapes what would end a quoted string', () =>
    expect(header('Digest realm="a\\"b\\\\", nonce="n"', { username: 'al"ice' })).toMatch(
      /^Digest username="al\\"ice", realm="a\\"b\\\\", nonce="n",/,
    ))

  it('has a cnonce of its own each time', () => {
    const challenge = read('Digest realm="r", nonce="n", qop="auth"') as UsableChallenge
    const { cnonce: _, ...fresh } = request
    expect(digestAnswer(challenge, fresh)).not.toBe(digestAnswer(challenge, fresh))
  })
})

describe('RFC 7616 §3.3: a challenge that cannot be answered says why', () => {
  it.each([
    ['Basic realm="r"', 'scheme basic is not Digest'],
    ['Digest realm="r"', 'the challenge has no nonce'],
    ['Digest realm="r", nonce=""', 'the challenge has no nonce'],
    ['Digest realm="r", nonce="n", algorithm=SHA-256', 'algorithm SHA-256 is not known'],
    ['Digest realm="r", nonce="n", algorithm=MD5-sess', 'algorithm MD5-sess is not known'],
    ['Digest realm="r", nonce="n", qop="auth-int"', 'qop auth-int is not known'],
    ['Digest realm="r", nonce="n", qop="foo,bar"', 'qop foo, bar is not known'],
  ])('%s', (challenge, why) => expect(read(challenge)).toBe(why))
})

it.each([
  ['true', true],
  ['TRUE', true],
  ['"true"', true],
  ['false', false],
  ['maybe', false],
])('RFC 7616 §3.3: stale=%s is %s', (stale, expected) =>
  expect(read(`Digest realm="r", nonce="n", stale=${stale}`)).toMatchObject({ stale: expected }),
)

it.each(['""', '" , "', ''])('RFC 7616 §3.3: qop=%s offers none', (qop) =>
  expect(read(`Digest realm="r", nonce="n", qop=${qop}`)).toMatchObject({ qop: '' }),
)
