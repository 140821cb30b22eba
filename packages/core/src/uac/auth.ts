/**
 * `uac.auth()`: an answer to a carrier's 401 or 407, or the reason why there is none (RFC 3261 §22.2, §22.3, RFC 8760). Says what to add to
 * the request; sending it again is the relay's part. Nothing here is logged: passwords come through.
 */
import type { Credentials } from '@signalbox/dsl'
import { toBytes, toUnicode, unfold } from '../message/chars.ts'
import { Field } from '../message/field.ts'
import { H, type HeaderId } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { Answer } from '../proxy/branch.ts'
import { readChallenges } from './challenge.ts'
import { digestAnswer, md5Ha1, usable, type UsableChallenge } from './digest.ts'

export interface AuthRequest {
  readonly response: Message
  readonly method: string
  readonly uri: string
  /** What the challenged request carried already. */
  readonly sent: readonly Answer[]
  /** Looks credentials up by realm (as a route reads it). */
  find(realm: string): Credentials | undefined
}

/** Every answer the next request is to carry, or the reason why there is none. */
export function answerChallenge(request: AuthRequest): readonly Answer[] | string {
  const { status } = request.response
  const kind = kinds[status]
  if (kind === undefined) return `a ${status} is no challenge`
  const found = choose(request.response, kind.challenge)
  if (typeof found === 'string') return found
  const realm = toUnicode(found.realm)
  const credentials = request.find(realm)
  if (credentials === undefined) return `no credentials for realm ${JSON.stringify(realm)}`
  const refused = rejected(found, kind.answer, credentials, request.sent)
  if (refused !== undefined) return refused
  const answer = makeAnswer(found, kind.answer, credentials, request)
  const kept = request.sent.filter(({ header, realm }) => header !== kind.answer || realm !== found.realm)
  return [...kept, answer]
}

const kinds: Record<number, { challenge: HeaderId; answer: HeaderId }> = {
  401: { challenge: H.WwwAuthenticate, answer: H.Authorization },
  407: { challenge: H.ProxyAuthenticate, answer: H.ProxyAuthorization },
}

/** RFC 8760 §2.4: the topmost challenge that can be answered. */
function choose(response: Message, header: HeaderId): UsableChallenge | string {
  let why = 'the answer names no challenge'
  for (const field of response.fields) {
    if (field.id !== header) continue
    for (const challenge of readChallenges(unfold(field.value))) {
      const found = usable(challenge)
      if (typeof found !== 'string') return found
      why = found
    }
  }
  return why
}

/** RFC 3261 §22.2: credentials that were just rejected are not sent again; a stale nonce rejects nobody's password. */
function rejected(
  challenge: UsableChallenge,
  header: HeaderId,
  credentials: Credentials,
  sent: readonly Answer[],
): string | undefined {
  const before = sent.find((each) => each.header === header && each.realm === challenge.realm)
  if (before === undefined) return undefined
  if (before.nonce === challenge.nonce) return 'the answer to this nonce was rejected'
  if (challenge.stale || before.ha1 !== ha1Of(challenge, credentials)) return undefined
  return `the credentials of ${JSON.stringify(credentials.username)} were rejected`
}

function makeAnswer(
  challenge: UsableChallenge,
  header: HeaderId,
  credentials: Credentials,
  { method, uri }: AuthRequest,
): Answer {
  const value = digestAnswer(challenge, {
    method,
    uri,
    username: toBytes(credentials.username),
    password: toBytes(credentials.password),
  })
  const { realm, nonce } = challenge
  return { field: Field.make(header, value), header, realm, nonce, ha1: ha1Of(challenge, credentials) }
}

function ha1Of({ realm }: UsableChallenge, { username, password }: Credentials): string {
  return md5Ha1(realm, toBytes(username), toBytes(password))
}
