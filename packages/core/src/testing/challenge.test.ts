/** The carrier of the kit is a strict one: what it lets through was asked for so, is fresh and is no replay. */
import { beforeAll, expect, it } from 'vitest'
import type { Bundle } from '../build/bundle.ts'
import { H } from '../message/header-names.ts'
import { readChallenges } from '../uac/challenge.ts'
import { ha1Of } from '../uac/digest.ts'
import { usable, type UsableChallenge } from '../uac/usable-challenge.ts'
import { writeAnswer } from '../uac/write-answer.ts'
import { challenge, type ChallengeOptions } from './challenge.ts'
import { simulate } from './simulate.ts'
import { tempBundle } from './temp-bundle.ts'
import './matchers.ts'

let bundle: Bundle

beforeAll(async () => {
  const temp = await tempBundle(`import { onRequest } from '@signalbox/dsl'
onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090' }))
`)
  bundle = temp.bundle
})

const account = { realm: 'r', username: 'u', password: 'p', nonce: 'n' }
const uri = 'sip:bob@127.0.0.1:5080'

/** Calls with an answer of its own to each of these challenges, one after another; gives what the carrier says. */
async function said(
  options: Partial<ChallengeOptions>,
  ...tries: [params: string, count: number][]
): Promise<string[]> {
  const net = await simulate({ bundle })
  net.uas('127.0.0.1:5090', challenge({ ...account, ...options }))
  const phone = net.uac()
  await phone.send('OPTIONS', uri)
  const heard: string[] = []
  for (const [params, count] of tries) {
    const asked = usable(readChallenges(`Digest realm="r", ${params}`)[0]!) as UsableChallenge
    const answerer = { username: 'u', ha1: ha1Of(asked.algorithm.hash, 'u', 'r', 'p'), count, cnonce: 'c' }
    const value = writeAnswer(asked, { method: 'OPTIONS', uri, body: '' }, answerer)
    const { final } = await phone.send('OPTIONS', uri, { headers: { 'Proxy-Authorization': value } })
    heard.push(`${final!.status}${final!.value(H.ProxyAuthenticate)?.includes('stale=true') ? ' stale' : ''}`)
  }
  return heard
}

it.each<[string, Partial<ChallengeOptions>, string, string]>([
  ['as it asked', { qop: 'auth' }, 'nonce="n", qop="auth"', '200'],
  ['without the qop it asked for', { qop: 'auth' }, 'nonce="n"', '407'],
  ['with a qop it did not ask for', {}, 'nonce="n", qop="auth"', '407'],
  ['with another qop', { qop: 'auth-int' }, 'nonce="n", qop="auth"', '407'],
  ['with another algorithm', {}, 'nonce="n", algorithm=SHA-256', '407'],
  ['with one of its algorithms', { algorithm: ['SHA-256', ''] }, 'nonce="n"', '200'],
  ['without its opaque', { opaque: 'o' }, 'nonce="n"', '407'],
  ['with the user name where a hash was asked for', { userhash: true }, 'nonce="n"', '407'],
  ['with a nonce that is not its own', {}, 'nonce="other"', '407 stale'],
])('RFC 7616 §3.4: answered %s', async (_, options, params, expected) =>
  expect(await said(options, [params, 1])).toEqual([expected]),
)

it('RFC 7616 §3.4: a count that does not grow is a replay', async () => {
  const params = 'nonce="n", qop="auth"'
  expect(await said({ qop: 'auth' }, [params, 2], [params, 2], [params, 1], [params, 3])).toEqual([
    '200',
    '407 stale',
    '407 stale',
    '200',
  ])
})
