/** Digest values that nobody here computed: of RFC 2617 and RFC 7616, and of other SIP stacks' own tests. */
import { describe, expect, it } from 'vitest'
import { toBytes } from '../../packages/core/src/message/chars.ts'
import { readChallenges } from '../../packages/core/src/uac/challenge.ts'
import { ha1Of, userHash, type Algorithm } from '../../packages/core/src/uac/digest.ts'
import { usable, type UsableChallenge } from '../../packages/core/src/uac/usable-challenge.ts'
import { readAnswer, verifyAnswer } from '../../packages/core/src/uac/verify-answer.ts'
import { writeAnswer } from '../../packages/core/src/uac/write-answer.ts'
import { readCorpus } from './files.ts'

interface Vector {
  id: string
  expected_response: string
  expected_ha1?: string
  expected_userhash?: string
  username: string
  realm: string
  password: string
  method: string
  uri: string
  nonce: string
  cnonce?: string
  qop?: string
  algorithm?: string
  opaque?: string
  userhash?: boolean
  body?: string
}

type Ha1s = Partial<Record<Algorithm, string>> & { username: string; realm: string; password: string }

const index = JSON.parse(readCorpus('digest', 'index.json').toString('utf8')) as { vectors: Vector[]; ha1: Ha1s[] }

/** The challenge that the vector answers, as its server would have written it. */
function challengeOf({ realm, nonce, algorithm, qop, opaque, userhash }: Vector): UsableChallenge {
  const more = [
    algorithm === undefined ? '' : `, algorithm=${algorithm}`,
    qop === undefined ? '' : `, qop="${qop}"`,
    opaque === undefined ? '' : `, opaque="${opaque}"`,
    userhash ? ', userhash=true' : '',
  ]
  const found = usable(readChallenges(`Digest realm="${toBytes(realm)}", nonce="${nonce}"${more.join('')}`)[0]!)
  if (typeof found === 'string') throw new Error(found)
  return found
}

function answerTo(vector: Vector): string {
  const challenge = challengeOf(vector)
  const { method, uri, cnonce = 'unused' } = vector
  const [username, password] = [toBytes(vector.username), toBytes(vector.password)]
  const ha1 = ha1Of(challenge.algorithm.hash, username, challenge.realm, password)
  if (vector.expected_ha1 !== undefined) expect(ha1).toBe(vector.expected_ha1)
  return writeAnswer(challenge, { method, uri, body: toBytes(vector.body ?? '') }, { username, ha1, count: 1, cnonce })
}

describe('RFC 7616 §3.4.1: the response', () => {
  it('the corpus has them', () => expect(index.vectors.length).toBeGreaterThan(20))

  it.each(index.vectors)('$id', (vector) => {
    const answer = readAnswer(answerTo(vector))!
    expect(answer.response).toBe(vector.expected_response)
    expect(answer.qop).toBe(vector.qop ?? '')
    const { username, password, method, body = '' } = vector
    expect(verifyAnswer(answer, { method, body: toBytes(body) }, { username, password })).toBe(true)
  })
})

it.each(index.ha1)('RFC 7616 §3.4.2: HA1 of $username', ({ username, realm, password, ...hashes }) => {
  for (const algorithm of ['MD5', 'SHA-256', 'SHA-512-256'] as const) {
    const expected = hashes[algorithm]
    if (expected !== undefined) expect(ha1Of(algorithm, username, realm, password)).toBe(expected)
  }
})

it.each(index.vectors.filter(({ expected_userhash }) => expected_userhash))(
  'RFC 7616 §3.4.4: user hash of $id',
  (vector) => {
    const { algorithm } = challengeOf(vector)
    expect(userHash(algorithm.hash, toBytes(vector.username), vector.realm)).toBe(vector.expected_userhash)
  },
)
