/** The answer to a 401 or 407, or why there is none. */
import type { Credentials } from '@signalbox/dsl'
import { describe, expect, it } from 'vitest'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { Answer } from '../proxy/branch.ts'
import { parsed, requestText, response } from '../testing/layer-rig.ts'
import { answerChallenge } from './auth.ts'
import { readChallenges } from './challenge.ts'

const alice: Credentials = { username: 'alice', password: 'secret' }

interface Try {
  status?: number
  headers?: readonly string[]
  sent?: readonly Answer[]
  find?: (realm: string) => Credentials | undefined
}

const PROXY = 'Proxy-Authenticate: Digest'
const WWW = 'WWW-Authenticate: Digest'

function failure(status: number, headers: readonly string[]): Message {
  const text = response(parsed(requestText()), status).toWire()
  return parsed(text.replace('Content-Length: 0', [...headers, 'Content-Length: 0'].join('\r\n')))
}

function attempt({ status = 407, headers = [`${PROXY} realm="r", nonce="n1"`], sent = [], find = () => alice }: Try) {
  return answerChallenge({
    response: failure(status, headers),
    method: 'INVITE',
    uri: 'sip:bob@example.net',
    sent,
    find,
  })
}

/** `header realm nonce username` of each answer; fails the test when there is none. */
function answers(options: Try): string[] {
  const result = attempt(options)
  if (typeof result === 'string') throw new Error(`no answer: ${result}`)
  return result.map(({ header, realm, nonce, field }) => {
    const username = /username="([^"]*)"/.exec(field.value)?.[1]
    return `${names[header]} ${realm} ${nonce} ${username}`
  })
}

const names: Record<number, string> = { [H.Authorization]: '401', [H.ProxyAuthorization]: '407' }

function answered(options: Try): readonly Answer[] {
  return attempt(options) as readonly Answer[]
}

describe('RFC 3261 §22.2, §22.3: the header', () => {
  it.each([
    [401, WWW, 'Authorization'],
    [407, PROXY, 'Proxy-Authorization'],
  ])('a %d is answered in the header of its kind', (status, challenge, name) => {
    const [answer] = answered({ status, headers: [`${challenge} realm="r", nonce="n1", opaque="o"`] })
    expect(answer!.field.name).toBe(name)
    const params = readChallenges(answer!.field.value)[0]!.params
    expect([
      params.get('username'),
      params.get('realm'),
      params.get('nonce'),
      params.get('uri'),
      params.get('opaque'),
    ]).toEqual(['alice', 'r', 'n1', 'sip:bob@example.net', 'o'])
  })

  it.each([
    ['a 403 is no challenge', { status: 403 }],
    ['a 486 is no challenge', { status: 486 }],
    ['the answer names no challenge', { headers: [] }],
    ['the answer names no challenge', { status: 401 }],
    ['scheme basic is not Digest', { headers: ['Proxy-Authenticate: Basic realm="r"'] }],
    ['algorithm SHA-256 is not known', { headers: [`${PROXY} realm="r", nonce="n", algorithm=SHA-256`] }],
    ['no credentials for realm "r"', { find: () => undefined }],
  ])('none: %s', (why, options) => expect(attempt(options)).toBe(why))

  it('does not say a password, nor the digest, in a reason', () => {
    const sent = answered({})
    expect(attempt({ sent })).not.toContain('secret')
  })
})

describe('RFC 8760 §2.4: the topmost challenge that can be answered', () => {
  it.each<[string, string[], string]>([
    ['of two headers', [`${PROXY} realm="a", nonce="1"`, `${PROXY} realm="b", nonce="2"`], '407 a 1 alice'],
    ['of two in one header', [`${PROXY} realm="a", nonce="1", Digest realm="b", nonce="2"`], '407 a 1 alice'],
    [
      'below one of another algorithm',
      [`${PROXY} realm="a", nonce="1", algorithm=SHA-512-256`, `${PROXY} realm="a", nonce="2"`],
      '407 a 2 alice',
    ],
    ['below one of another scheme', ['Proxy-Authenticate: Bearer', `${PROXY} realm="a", nonce="1"`], '407 a 1 alice'],
    ['in a folded header', [`${PROXY} realm="a",\r\n nonce="1"`], '407 a 1 alice'],
  ])('%s', (_, headers, expected) => expect(answers({ headers })).toEqual([expected]))
})

describe('RFC 3261 §22.2: what was rejected is not sent again', () => {
  it('the same nonce: the answer to it was wrong', () =>
    expect(attempt({ sent: answered({}) })).toBe('the answer to this nonce was rejected'))

  it('the same user at a new nonce that is not stale', () =>
    expect(attempt({ sent: answered({}), headers: [`${PROXY} realm="r", nonce="n2"`] })).toBe(
      'the credentials of "alice" were rejected',
    ))

  it('but at a stale nonce, nobody’s password was wrong', () =>
    expect(answers({ sent: answered({}), headers: [`${PROXY} realm="r", nonce="n2", stale=true`] })).toEqual([
      '407 r n2 alice',
    ]))

  it('stale or not, an answer to the same nonce is not given twice', () =>
    expect(attempt({ sent: answered({}), headers: [`${PROXY} realm="r", nonce="n1", stale=true`] })).toBe(
      'the answer to this nonce was rejected',
    ))

  it('and another user may be tried', () => {
    const find = (): Credentials => ({ username: 'bob', password: 'b' })
    expect(answers({ sent: answered({}), headers: [`${PROXY} realm="r", nonce="n2"`], find })).toEqual(['407 r n2 bob'])
  })
})

describe('RFC 3261 §22.3: several challengers on the way', () => {
  it('a second realm is answered beside the first', () =>
    expect(answers({ sent: answered({}), headers: [`${PROXY} realm="s", nonce="m1"`] })).toEqual([
      '407 r n1 alice',
      '407 s m1 alice',
    ]))

  it('a 401 is answered beside a 407 of the same realm', () =>
    expect(answers({ sent: answered({}), status: 401, headers: [`${WWW} realm="r", nonce="n1"`] })).toEqual([
      '407 r n1 alice',
      '401 r n1 alice',
    ]))

  it('a new nonce takes the place of the old answer to its realm', () => {
    const both = answered({ sent: answered({}), headers: [`${PROXY} realm="s", nonce="m1"`] })
    expect(answers({ sent: both, headers: [`${PROXY} realm="r", nonce="n2", stale=true`] })).toEqual([
      '407 s m1 alice',
      '407 r n2 alice',
    ])
  })
})

describe('RFC 7616 §3.3: text that is not ASCII', () => {
  it('a realm is looked up as a route reads it, and echoed as it came', () => {
    const asked: string[] = []
    const find = (realm: string): Credentials => {
      asked.push(realm)
      return { username: 'jürgen', password: 'grüße' }
    }
    const [answer] = answered({ headers: [`${PROXY} realm="b\xc3\xbcro", nonce="n"`], find })
    expect(asked).toEqual(['büro'])
    expect(answer!.field.value).toContain('username="j\xc3\xbcrgen", realm="b\xc3\xbcro"')
  })
})
