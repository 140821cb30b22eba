/** The answer to a 401 or 407, or why there is none. */
import type { Credentials } from '@signalbox/dsl'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { Answer } from '../proxy/branch.ts'
import { parsed, requestText, response } from '../testing/layer-rig.ts'
import { answerAgain, answerChallenge } from './auth.ts'
import { readChallenges } from './challenge.ts'
import { NonceCounts } from './nonce-counts.ts'
import { readAnswer, verifyAnswer, type ReceivedAnswer } from './verify-answer.ts'

const alice = { username: 'alice', password: 'secret' } satisfies Credentials

interface Try {
  status?: number
  headers?: readonly string[]
  sent?: readonly Answer[]
  find?: (realm: string) => Credentials | undefined
  counts?: NonceCounts
  body?: string
}

const PROXY = 'Proxy-Authenticate: Digest'
const WWW = 'WWW-Authenticate: Digest'

function failure(status: number, headers: readonly string[]): Message {
  const text = response(parsed(requestText()), status).toWire()
  return parsed(text.replace('Content-Length: 0', [...headers, 'Content-Length: 0'].join('\r\n')))
}

function attempt({ status = 407, headers = [`${PROXY} realm="r", nonce="n1"`], find = () => alice, ...rest }: Try) {
  return answerChallenge({
    response: failure(status, headers),
    method: 'INVITE',
    uri: 'sip:bob@example.net',
    body: '',
    sent: [],
    counts: new NonceCounts(),
    find,
    ...rest,
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
    ['algorithm SHA-1 is not known', { headers: [`${PROXY} realm="r", nonce="n", algorithm=SHA-1`] }],
    ['no credentials for realm "r"', { find: () => undefined }],
  ])('none: %s', (why, options) => expect(attempt(options)).toBe(why))

  it('does not say a password, nor the digest, in a reason', () => {
    const sent = answered({})
    expect(attempt({ sent })).not.toContain('secret')
  })
})

describe('RFC 8760 §2.4: the topmost challenge that can be answered', () => {
  const md5Only: Credentials = { username: 'alice', ha1: '0'.repeat(32) }
  const [sha, md5] = [`${PROXY} realm="a", nonce="1", algorithm=SHA-256`, `${PROXY} realm="a", nonce="2"`]

  it.each<[string, string[], Credentials, string]>([
    ['of two headers', [md5, sha], alice, '407 a 2 alice'],
    ['of two in one header', [`${sha}, Digest realm="a", nonce="2"`], alice, '407 a 1 alice'],
    ['below one of an unknown algorithm', [`${PROXY} realm="a", nonce="0", algorithm=X`, md5], alice, '407 a 2 alice'],
    ['below one of an unknown qop', [`${PROXY} realm="a", nonce="0", qop="x"`, md5], alice, '407 a 2 alice'],
    ['Case 10: below one that a stored HA1 cannot serve', [sha, md5], md5Only, '407 a 2 alice'],
    ['below one of another scheme', ['Proxy-Authenticate: Bearer', sha], alice, '407 a 1 alice'],
    ['in a folded header', [`${PROXY} realm="a",\r\n nonce="1"`], alice, '407 a 1 alice'],
  ])('%s', (_, headers, credentials, expected) =>
    expect(answers({ headers, find: () => credentials })).toEqual([expected]),
  )

  it('Case 10: none, when a stored HA1 serves none of them', () =>
    expect(attempt({ headers: [sha, sha.replace('256', '512-256')], find: () => md5Only })).toBe(
      'the credentials of "alice" have no ha1 for SHA-256, SHA-512-256',
    ))
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

  it('another algorithm is no new chance', () => {
    const headers = ['SHA-256', 'MD5'].map((each) => `${PROXY} realm="r", nonce="n2", algorithm=${each}`)
    const why = 'the credentials of "alice" were rejected'
    expect(attempt({ sent: answered({}), headers })).toBe(why)
    const ha1 = { MD5: '0'.repeat(32), 'SHA-256': '0'.repeat(64) }
    const find = (): Credentials => ({ username: 'alice', ha1 })
    expect(attempt({ sent: answered({ find }), headers, find })).toBe(why)
  })

  const bob: Credentials = { username: 'bob', password: 'b' }
  const fresh = (nonce: string, more = ''): string[] => [`${PROXY} realm="r", nonce="${nonce}"${more}`]

  it('and another user may be tried', () =>
    expect(answers({ sent: answered({}), headers: fresh('n2'), find: () => bob })).toEqual(['407 r n2 bob']))

  it('but nobody twice, and no nonce twice, however they take turns', () => {
    const second = answered({ sent: answered({}), headers: fresh('n2'), find: () => bob })
    expect(attempt({ sent: second, headers: fresh('n3') })).toBe('the credentials of "alice" were rejected')
    expect(attempt({ sent: second, headers: fresh('n1', ', stale=true') })).toBe(
      'the answer to this nonce was rejected',
    )
  })

  it('Case 18: a nonce that is stale while it is fresh ends it', () => {
    const second = answered({ sent: answered({}), headers: fresh('n2', ', stale=true') })
    expect(attempt({ sent: second, headers: fresh('n3', ', stale=true') })).toBe('a fresh nonce was called stale')
  })

  it('what cannot be answered anew is not carried on beside another answer', () => {
    const find = (realm: string): Credentials | undefined => (realm === 'r' ? undefined : alice)
    const headers = [`${PROXY} realm="s", nonce="m"`, ...fresh('n2')]
    expect(attempt({ sent: answered({}), headers, find })).toBe('no credentials for realm "r"')
  })

  it('what was rejected ends it, though another realm could be answered', () =>
    expect(attempt({ sent: answered({}), headers: [`${PROXY} realm="s", nonce="m"`, ...fresh('n2')] })).toBe(
      'the credentials of "alice" were rejected',
    ))
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

  it('Case 20: of one response, each kind is answered in its own header', () =>
    expect(answers({ status: 401, headers: [`${PROXY} realm="r", nonce="1"`, `${WWW} realm="r", nonce="2"`] })).toEqual(
      ['407 r 1 alice', '401 r 2 alice'],
    ))

  it('several realms of one response are answered, those without credentials left', () => {
    const headers = ['a', 'b', 'c'].map((realm) => `${PROXY} realm="${realm}", nonce="1"`)
    const find = (realm: string): Credentials | undefined => (realm === 'b' ? undefined : alice)
    expect(answers({ headers, find })).toEqual(['407 a 1 alice', '407 c 1 alice'])
  })

  it('but not as many as somebody likes to name', () => {
    const headers = Array.from({ length: 200 }, (_, i) => `${PROXY} realm="${i}", nonce="1"`)
    const why = 'more than 8 realms ask for an answer'
    expect(attempt({ headers })).toBe(why)
    expect(answers({ headers: headers.slice(0, 8) })).toHaveLength(8)
    const sent = answered({ headers: headers.slice(0, 8) })
    expect(attempt({ sent, headers: [`${PROXY} realm="x", nonce="1"`] })).toBe(why)
  })

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

describe('RFC 7616 §3.4: the nonce count', () => {
  const received = (answer: Answer | undefined): ReceivedAnswer => readAnswer(answer!.field.value)!
  const headers = [`${PROXY} realm="r", nonce="n1", qop="auth", opaque="o"`]
  const bye = { method: 'BYE', uri: 'sip:bob@there', body: '' }

  it('grows when a server hands a nonce out again', () => {
    const counts = new NonceCounts()
    const calls = [1, 2].map(() => received(answered({ headers, counts })[0]))
    expect(calls.map(({ nc }) => nc)).toEqual(['00000001', '00000002'])
  })

  it('grows when an answer is made again before anybody asks', () => {
    const counts = new NonceCounts()
    const [first] = answered({ headers, counts })
    const second = answerAgain(first!, bye, counts)
    const third = received(answerAgain(second, bye, counts))
    expect([third.nc, third.nonce, third.opaque, third.uri]).toEqual(['00000003', 'n1', 'o', 'sip:bob@there'])
    expect(verifyAnswer(third, bye, { username: 'alice', password: 'secret' })).toBe(true)
  })

  it('grows when another realm asks meanwhile: what is sent again is no replay', () => {
    const counts = new NonceCounts()
    const first = answered({ headers, counts })
    const both = answered({ sent: first, headers: [`${PROXY} realm="s", nonce="n2", qop="auth"`], counts })
    expect(both.map(received).map(({ realm, nc }) => `${realm} ${nc}`)).toEqual(['r 00000002', 's 00000001'])
    const third = answered({ sent: both, headers: [`${PROXY} realm="r", nonce="n3", qop="auth"`], counts })
    expect(third.map(received).map(({ nonce, nc }) => `${nonce} ${nc}`)).toEqual(['n2 00000002', 'n3 00000001'])
  })

  it('two realms that never have enough are not asked for ever', () => {
    let sent: readonly Answer[] = []
    let round = 0
    for (; round < 20; round++) {
      const result = attempt({ sent, headers: [`${PROXY} realm="${round % 2}", nonce="${round}", qop="auth"`] })
      if (typeof result === 'string') break
      sent = result
    }
    expect(round).toBe(8)
  })

  it('RFC 3261 §22.2: a new nonce in its place rejects no password, the next one does', () => {
    const [first] = answered({ headers })
    const sent = [answerAgain(first!, bye, new NonceCounts())]
    const next = answered({ sent, headers: [`${PROXY} realm="r", nonce="n2"`] })
    expect(next.map(({ nonce }) => nonce)).toEqual(['n2'])
    expect(attempt({ sent: next, headers: [`${PROXY} realm="r", nonce="n3"`] })).toBe(
      'the credentials of "alice" were rejected',
    )
    expect(attempt({ sent, headers })).toBe('the answer to this nonce was rejected')
  })
})

describe('Case 7: whatever a challenge is', () => {
  const names = fc.constantFrom('realm', 'nonce', 'qop', 'algorithm', 'opaque', 'stale', 'userhash', 'domain', 'x-y')
  const texts = fc.oneof(
    fc.constantFrom(
      'auth',
      'AUTH',
      'auth-int',
      'auth,auth-int',
      'foo',
      '',
      'MD5',
      'md5-sess',
      'SHA-256',
      'true',
      'SHA-512-256-sess',
    ),
    fc.string({ unit: fc.constantFrom(...'ab\\", =\t\xc3\xbc\x00\r'), maxLength: 12 }),
  )
  const written = fc.constantFrom(
    (text: string) => '"' + text.replace(/["\\]/g, '\\$&') + '"',
    (text: string) => text,
    (text: string) => `"${text}`,
  )
  const param = fc
    .tuple(names, fc.constantFrom('=', ' = ', '', '=='), texts, written)
    .map(([name, is, text, write]) => name + is + write(text))
  const one = fc
    .tuple(fc.constantFrom('Digest', 'digest', 'Basic', 'Bearer', ''), fc.array(param, { maxLength: 8 }))
    .map(([scheme, params]) => `${scheme} ${['realm="r", nonce="n"', ...params].join(', ')}`)
  const several = fc.array(one, { minLength: 1, maxLength: 3 }).map((values) => values.join(', '))

  it('is answered, and rightly, or refused with a reason; and never answered twice', () => {
    let rightly = 0
    fc.assert(
      fc.property(fc.array(several, { minLength: 1, maxLength: 3 }), fc.string({ maxLength: 20 }), (values, body) => {
        const headers = values.map((value) => `Proxy-Authenticate: ${value.replace(/[\r\n\0]/g, '')}`)
        const result = attempt({ headers, body })
        if (typeof result === 'string') {
          expect(result).not.toBe('')
          return
        }
        for (const { field } of result) {
          const answer = readAnswer(field.value)
          expect(answer && verifyAnswer(answer, { method: 'INVITE', body }, alice), field.value).toBe(true)
          expect(field.text.slice(0, -2)).not.toMatch(/[\r\n\0]/)
          rightly++
        }
        expect(attempt({ headers, body, sent: result })).toBe('the answer to this nonce was rejected')
      }),
      { numRuns: 500 },
    )
    expect(rightly).toBeGreaterThan(100)
  })
})
