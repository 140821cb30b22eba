/** The server's side: what proves a password, and what does not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAnswer, verifyAnswer } from './verify-answer.ts'

const mufasa = { username: 'Mufasa', password: 'Circle Of Life' }
const get = { method: 'GET', body: '' }
const rfc2617 =
  'username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", ' +
  'qop=auth, nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1"'

function verify(value: string, credentials: { username: string; password: string } = mufasa, request = get): boolean {
  const answer = readAnswer(value)
  return answer !== undefined && verifyAnswer(answer, request, credentials)
}

describe('RFC 7616 §3.4.1: an answer made by somebody else', () => {
  it.each([
    ['of RFC 2617', `Digest ${rfc2617}`],
    ['with everything quoted', `Digest ${rfc2617.replace('=auth,', '="auth",').replace('00000001', '"00000001"')}`],
    ['with its algorithm in small letters', `DIGEST algorithm="md5", ${rfc2617}`],
    ['folded', `Digest ${rfc2617.replaceAll(', ', ',\r\n ')}`],
    ['with the response in capitals', `Digest ${rfc2617.replace(/response="\w+"/, (it) => it.toUpperCase())}`],
  ])('%s', (_, value) => expect(verify(value)).toBe(true))

  it.each([
    ['another password', `Digest ${rfc2617}`, { ...mufasa, password: 'circle of life' }, get],
    ['another user', `Digest ${rfc2617}`, { ...mufasa, username: 'mufasa' }, get],
    ['another method', `Digest ${rfc2617}`, mufasa, { method: 'PUT', body: '' }],
    ['another nonce', `Digest ${rfc2617.replace('dcd98b', 'dcd98c')}`, mufasa, get],
    ['another count', `Digest ${rfc2617.replace('00000001', '00000002')}`, mufasa, get],
    ['a response cut short', `Digest ${rfc2617.slice(0, -3)}"`, mufasa, get],
    ['another algorithm', `Digest algorithm=SHA-256, ${rfc2617}`, mufasa, get],
  ])('but not with %s', (_, value, credentials, request) => expect(verify(value, credentials, request)).toBe(false))
})

describe('RFC 7616 §3.4: what is no answer', () => {
  it.each([
    '',
    'Basic dTpw',
    `Digest algorithm=SHA-1, ${rfc2617}`,
    `Digest ${rfc2617.replace('qop=auth', 'qop=foo')}`,
    `Digest ${rfc2617.replace('nc=00000001, ', '')}`,
    `Digest ${rfc2617.replace('nc=00000001', 'nc=1')}`,
    `Digest ${rfc2617.replace('cnonce="0a4f113b", ', '')}`,
    'Digest username="u", realm="r", nonce="n", uri="x", algorithm=MD5-sess, response="y"',
  ])('%s', (value) => expect(readAnswer(value)).toBeUndefined())

  it('never throws, whatever came', () => {
    const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code))
    const broken = fc
      .tuple(fc.nat(rfc2617.length), fc.nat(12), fc.string({ unit: byte, maxLength: 8 }))
      .map(([at, cut, put]) => rfc2617.slice(0, at) + put + rfc2617.slice(at + cut))
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: byte }), broken), (text) => {
        expect(typeof verify(`Digest ${text}`)).toBe('boolean')
      }),
    )
  })
})
