/**
 * `uac.auth()`: answers to a carrier's 401 or 407, or the reason why there are none (RFC 3261 §22.2, §22.3, RFC 8760). Says what to add to
 * the request; sending it again is the relay's part. Nothing here is logged: passwords come through.
 */
import type { Credentials } from '@signalbox/dsl'
import { apart, toBytes, toUnicode } from '../message/chars.ts'
import { Field } from '../message/field.ts'
import type { Message } from '../message/message.ts'
import type { Answer } from '../proxy/branch.ts'
import { demandsOf, type Demand } from './demands.ts'
import type { Algorithm } from './digest.ts'
import type { NonceCounts } from './nonce-counts.ts'
import { secretOf, unusableCredentials } from './secret.ts'
import type { UsableChallenge } from './usable-challenge.ts'
import { rewriteAnswer, writeAnswer, type AnsweredRequest } from './write-answer.ts'

export interface AuthRequest extends AnsweredRequest {
  readonly response: Message
  /** What the challenged request carried already. */
  readonly sent: readonly Answer[]
  readonly counts: NonceCounts
  /** Looks credentials up by realm (as a route reads it). */
  find(realm: string): Credentials | undefined
}

/** Realms that one request answers to at most: who asks decides how many, and we hash and send for each. */
const MAX_ANSWERS = 8

/** Answers to one realm in a row, whatever it has against the nonces. */
const MAX_ROUNDS = 4

/** Every answer the next request is to carry, or the reason why there is none. */
export function answerChallenge(request: AuthRequest): readonly Answer[] | string {
  const demands = demandsOf(request.response)
  if (typeof demands === 'string') return demands
  const picked: Picked[] = []
  let why = ''
  for (const demand of demands) {
    const last = request.sent.find((each) => each.header === demand.header && each.realm === demand.realm)
    const found = pick(demand, last, request)
    // RFC 3261 §22.2: what was rejected ends it, though another realm could be answered: the request would carry it again.
    const refused = typeof found === 'string' ? last && found : rejected(found)
    if (refused !== undefined) return refused
    if (typeof found === 'string') why ||= found
    else picked.push(found)
    if (picked.length > MAX_ANSWERS) break
  }
  if (picked.length === 0) return why
  const kept = request.sent.filter((each) => !picked.some(({ last }) => last === each))
  if (kept.length + picked.length > MAX_ANSWERS) return `more than ${MAX_ANSWERS} realms ask for an answer`
  const answers = kept.map((each) => repeat(each, request))
  for (const each of picked) answers.push(makeAnswer(each, request))
  return answers
}

/** What one realm is answered with. */
interface Picked extends Demand {
  readonly challenge: UsableChallenge
  readonly credentials: Credentials
  readonly ha1: string
  /** The answer that this realm was sent before. */
  readonly last: Answer | undefined
}

/** RFC 8760 §2.4: the topmost challenge of the realm that the credentials can serve. */
function pick(demand: Demand, last: Answer | undefined, { find }: AuthRequest): Picked | string {
  const shown = toUnicode(demand.realm)
  const credentials = find(shown)
  if (credentials === undefined) return `no credentials for realm ${JSON.stringify(shown)}`
  const unusable = unusableCredentials(credentials)
  if (unusable !== undefined) return unusable
  for (const challenge of demand.challenges) {
    const ha1 = secretOf(credentials, challenge.algorithm.hash, demand.realm)
    if (ha1 === undefined) continue
    const { header, realm, challenges } = demand
    return { header, realm, challenges, challenge, credentials, ha1, last }
  }
  const asked = demand.challenges.map(({ algorithmText }) => algorithmText || 'MD5')
  return `the credentials of ${JSON.stringify(credentials.username)} have no ha1 for ${asked.join(', ')}`
}

/**
 * RFC 3261 §22.2: credentials that were just rejected are not sent again, under no other algorithm either. A stale nonce rejects nobody's
 * password; but once is enough, else who calls every nonce stale keeps us busy.
 */
function rejected({ challenge, credentials, realm, last }: Picked): string | undefined {
  if (last === undefined) return undefined
  const before: Answer[] = []
  for (let each: Answer | undefined = last; each !== undefined; each = each.previous) before.push(each)
  if (before.length >= MAX_ROUNDS) return `realm ${JSON.stringify(toUnicode(realm))} asks again and again`
  if (before.some(({ nonce }) => nonce === challenge.nonce)) return 'the answer to this nonce was rejected'
  if (challenge.stale) return last.isRenewal ? 'a fresh nonce was called stale' : undefined
  const same = before.some(
    ({ isAgain, algorithm, ha1 }) => !isAgain && ha1 === secretOf(credentials, algorithm as Algorithm, realm),
  )
  return same ? `the credentials of ${JSON.stringify(credentials.username)} were rejected` : undefined
}

function makeAnswer(picked: Picked, { method, uri, body, counts }: AuthRequest): Answer {
  const { challenge, credentials, ha1, header, realm, last } = picked
  const { nonce, qop, algorithm, stale } = challenge
  const count = qop === '' ? 1 : counts.next(realm, nonce)
  const cnonce = qop === '' && !algorithm.isSession ? '' : counts.freshCnonce()
  const username = toBytes(credentials.username)
  const value = writeAnswer(challenge, { method, uri, body }, { username, ha1, count, cnonce })
  const answer = { field: Field.make(header, value), header, realm, nonce, ha1, algorithm: algorithm.hash }
  return last === undefined ? answer : { ...answer, previous: last, isRenewal: stale }
}

/** RFC 7616 §3.4: with qop, what goes once more under the same nonce has a count of its own, else it is taken for a replay. */
function repeat(answer: Answer, request: AuthRequest): Answer {
  const { previous, isRenewal } = answer
  return {
    ...answerAgain(answer, request, request.counts),
    ...(previous !== undefined && { previous }),
    ...(isRenewal !== undefined && { isRenewal }),
  }
}

/**
 * The same challenge answered for a further request before anybody asks (RFC 3261 §22.2: credentials may be kept for the realm). The nonce
 * counts one up. May it be refused: a new nonce is then answered once more, since it rejects no password.
 */
export function answerAgain(answer: Answer, request: AnsweredRequest, counts: NonceCounts): Answer {
  const { header, realm, nonce, ha1, algorithm } = answer
  const cnonce = counts.freshCnonce()
  const value = rewriteAnswer(answer.field.value, request, { ha1, count: () => counts.next(realm, nonce), cnonce })
  return { field: Field.make(header, value), header, realm, nonce, ha1, algorithm, isAgain: true }
}

/** An answer that outlives its request: it keeps nothing that is cut out of a datagram, and no answer before it. */
export function ownAnswer({ field, header, realm, nonce, ha1, algorithm }: Answer): Answer {
  return { field: field.apart(), header, realm: apart(realm), nonce: apart(nonce), ha1, algorithm: apart(algorithm) }
}

/**
 * RFC 7616 §3.4.3: the answers of a request that a route has changed since, made anew in it, over what leaves. What they were before has not left: the
 * nonce's count stays (§3.4).
 */
export function signAgain(leaving: Message, answers: readonly Answer[], counts: NonceCounts): readonly Answer[] {
  const { method, requestUri: uri, body } = leaving
  return answers.map((answer) => {
    const { header, ha1 } = answer
    const value = rewriteAnswer(answer.field.value, { method, uri, body }, { ha1, cnonce: counts.freshCnonce() })
    const field = Field.make(header, value)
    leaving.replace((each) => each === answer.field, [])
    leaving.append(field)
    return { ...answer, field }
  })
}
