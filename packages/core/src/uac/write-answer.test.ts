/** The header that an answer goes into, and the next one of the same nonce. */
import { describe, expect, it } from 'vitest'
import { readChallenges } from './challenge.ts'
import { ha1Of } from './digest.ts'
import { usable, type UsableChallenge } from './usable-challenge.ts'
import { readAnswer, verifyAnswer } from './verify-answer.ts'
import { rewriteAnswer, writeAnswer } from './write-answer.ts'

const request = { method: 'INVITE', uri: 'sip:bob@example.net', body: '' }

interface Changes {
  username?: string
  count?: number
}

/** For the password `test`. */
function header(value: string, { username = 'test', count = 1 }: Changes = {}): string {
  const challenge = usable(readChallenges(value)[0]!) as UsableChallenge
  const ha1 = ha1Of(challenge.algorithm.hash, username, challenge.realm, 'test')
  return writeAnswer(challenge, request, { username, ha1, count, cnonce: '25606' })
}

describe('RFC 3261 §25.1: the header', () => {
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

  it('Case 9: without qop a session has a cnonce yet, since its HA1 is made of it', () =>
    expect(header('Digest realm="asterisk", nonce="n1", algorithm=MD5-sess')).toMatch(
      /^Digest username="test", realm="asterisk", nonce="n1", uri="[^"]*", cnonce="25606", response="\w{32}", algorithm=MD5-sess$/,
    ))

  it('Case 5: auth-int is named where only it was offered', () =>
    expect(header('Digest realm="asterisk", nonce="n1", qop="auth-int"')).toContain(
      'qop=auth-int, nc=00000001, cnonce="25606", response="682740c83c597a2919ee4890ec9e4591"',
    ))

  it('RFC 7616 §3.4.4: userhash hides the user', () => {
    const value = header('Digest realm="api@example.org", nonce="n", algorithm=SHA-512-256, userhash=true', {
      username: 'J\xc3\xa4s\xc3\xb8n Doe',
    })
    expect(value).toMatch(/^Digest username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b",/)
    expect(value).toMatch(/, userhash=true$/)
  })

  it('Case 12: escapes what would end a quoted string', () =>
    expect(header('Digest realm="a\\"b\\\\", nonce="n"', { username: 'al"ice' })).toMatch(
      /^Digest username="al\\"ice", realm="a\\"b\\\\", nonce="n",/,
    ))

  it('RFC 7616 §3.4: counts in eight hex digits', () =>
    expect(header('Digest realm="r", nonce="n", qop="auth"', { count: 171 })).toContain('nc=000000ab,'))
})

describe('RFC 7616 §3.4: the same challenge for another request', () => {
  const next = { method: 'BYE', uri: 'sip:bob@elsewhere', body: 'x' }
  const credentials = { username: 'al"ice', password: 'test' }

  it.each([
    'Digest realm="r", nonce="n", qop="auth", opaque="o\\"p"',
    'Digest realm="r \\"1\\"", nonce="n", qop="auth-int", algorithm=sha-256',
    'Digest realm="r", nonce="n", algorithm=SHA-512-256-sess, qop=auth',
    'Digest realm="r", nonce="n", algorithm=MD5-sess',
    'Digest realm="r", nonce="n", userhash=true, algorithm=SHA-256',
    'Digest realm="r", nonce="n"',
  ])('%s', (challenge) => {
    const first = header(challenge, { username: credentials.username })
    const before = readAnswer(first)!
    const ha1 = ha1Of(before.algorithm.hash, credentials.username, before.realm, 'test')
    const after = readAnswer(rewriteAnswer(first, next, { ha1, count: () => 2, cnonce: 'fresh' }))!
    expect(verifyAnswer(after, next, credentials)).toBe(true)
    expect(verifyAnswer(after, request, credentials)).toBe(false)
    const changed = { uri: next.uri, response: after.response, nc: before.nc && '00000002' }
    const cnonce = before.qop !== '' && !before.algorithm.isSession ? 'fresh' : before.cnonce
    expect(after).toEqual({ ...before, ...changed, cnonce })
  })
})
