/** The arithmetic against values that others published or measured. */
import { describe, expect, it } from 'vitest'
import { digestResponse, ha1Of, readAlgorithm, userHash, type DigestInput } from './digest.ts'

interface Vector extends Partial<DigestInput> {
  username?: string
  realm?: string
  password?: string
  /** Default MD5. */
  named?: string
}

function respond({
  username = 'test',
  realm = 'asterisk',
  password = 'test',
  named = 'MD5',
  ...input
}: Vector): string {
  const algorithm = readAlgorithm(named)!
  const ha1 = ha1Of(algorithm.hash, username, realm, password)
  const request = { method: 'INVITE', uri: 'sip:bob@example.net', body: '' }
  return digestResponse({
    algorithm,
    ha1,
    ...request,
    nonce: 'n1',
    qop: 'auth',
    nc: '00000001',
    cnonce: '25606',
    ...input,
  })
}

const http = { method: 'GET', uri: '/dir/index.html', username: 'Mufasa' }
const rfc7616 = {
  ...http,
  realm: 'http-auth@example.org',
  password: 'Circle of Life',
  nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
}
/** RFC 7616 §3.9.2 as its erratum 4897 has it. */
const jason = {
  method: 'GET',
  uri: '/doe.json',
  username: 'J\xc3\xa4s\xc3\xb8n Doe',
  realm: 'api@example.org',
  password: 'Secret, or not?',
  nonce: '5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK',
  cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
  named: 'SHA-512-256',
}

describe('RFC 7616 §3.4.1: the response', () => {
  it.each<[string, Vector, string]>([
    ['Case 1: MD5 without qop', { qop: '' }, '250d0d742ed12d43c8b185a2421b7ddb'],
    ['Case 3: MD5 with qop=auth', {}, '989e56f17c220047d9805a2f68a02c8f'],
    ['of another nonce', { nonce: '38f3d429', cnonce: '2653606786' }, '70030f8df44df948eacd933aa79dfbf1'],
    ['Case 5: MD5 with auth-int and no body', { qop: 'auth-int' }, '682740c83c597a2919ee4890ec9e4591'],
    ['Case 9: MD5-sess, the inner hash in hex', { named: 'MD5-sess' }, '57405e60b726d750f2f4d0dab36b574d'],
    ['Case 9: SHA-256', { named: 'SHA-256' }, '54ae0c1c97f8e8ac45e9456328753c40cef82c4d44400e69f843218ed212b422'],
    [
      'Case 9: SHA-512-256',
      { named: 'SHA-512-256' },
      '170f415e02d8a30297c6a79f36ac781828ec38f4b5150160348af734b6b96e92',
    ],
    [
      'of RFC 2617 §3.5',
      {
        ...http,
        realm: 'testrealm@host.com',
        password: 'Circle Of Life',
        nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
        cnonce: '0a4f113b',
      },
      '6629fae49393a05397450978507c4ef1',
    ],
    ['of RFC 7616 §3.9.1, MD5', rfc7616, '8ca523f5e9506fed4657c9700eebdbec'],
    [
      'of RFC 7616 §3.9.1, SHA-256',
      { ...rfc7616, named: 'SHA-256' },
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    ],
    ['of RFC 7616 §3.9.2, SHA-512-256', jason, '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5'],
  ])('%s', (_, vector, expected) => expect(respond(vector)).toBe(expected))
})

it('RFC 7616 §3.4.4: the user name as a hash', () =>
  expect(userHash('SHA-512-256', jason.username, jason.realm)).toBe(
    '793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b',
  ))

it.each([
  ['', 'MD5', false],
  ['md5', 'MD5', false],
  ['MD5-sess', 'MD5', true],
  ['sha-256', 'SHA-256', false],
  ['SHA-256-SESS', 'SHA-256', true],
  ['SHA-512-256-sess', 'SHA-512-256', true],
])('RFC 7616 §3.3: algorithm=%s is %s', (text, hash, isSession) =>
  expect(readAlgorithm(text)).toEqual({ hash, isSession }),
)

it.each(['SHA-512', 'SHA-1', 'MD5-', 'constructor', '__proto__'])('RFC 7616 §3.3: %s is none that we know', (text) =>
  expect(readAlgorithm(text)).toBeUndefined(),
)
