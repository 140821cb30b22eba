/** The value of Authorization and Proxy-Authorization (RFC 3261 §20.7, RFC 7616 §3.4), and the same for a further request. */
import { quote } from '../message/chars.ts'
import { readChallenges } from './challenge.ts'
import { digestResponse, readAlgorithm, userHash, type DigestInput } from './digest.ts'
import type { UsableChallenge } from './usable-challenge.ts'

/** The request that an answer is for. All strings are bytes. */
export interface AnsweredRequest {
  readonly method: string
  readonly uri: string
  readonly body: string
}

export interface Answerer {
  readonly username: string
  readonly ha1: string
  /** How often the nonce has been answered, this one included. */
  readonly count: number
  /** Fresh for each answer. */
  readonly cnonce: string
}

/** What goes into the header beside what the digest is made of. */
interface Parts extends Pick<UsableChallenge, 'realm' | 'opaque' | 'algorithmText' | 'userhash'> {
  readonly username: string
  readonly input: DigestInput
}

export function writeAnswer(challenge: UsableChallenge, request: AnsweredRequest, answerer: Answerer): string {
  const { method, uri, body } = request
  const { realm, nonce, opaque, qop, algorithm, algorithmText, userhash } = challenge
  const { ha1, cnonce } = answerer
  const username = userhash ? userHash(algorithm.hash, answerer.username, realm) : answerer.username
  const nc = qop === '' ? '' : ncOf(answerer.count)
  const input = { algorithm, ha1, nonce, qop, nc, cnonce, method, uri, body }
  return write({ username, realm, opaque, algorithmText, userhash, input })
}

/** An answer that was written here, made anew for another request: same challenge, new digest, and a new count if there is one. */
export function rewriteAnswer(
  value: string,
  { method, uri, body }: AnsweredRequest,
  { ha1, count, cnonce: fresh }: { ha1: string; count?: () => number; cnonce: string },
): string {
  const { params } = readChallenges(value)[0]!
  const text = (name: string): string => params.get(name) ?? ''
  const algorithmText = text('algorithm')
  const algorithm = readAlgorithm(algorithmText)!
  const [nonce, qop] = [text('nonce'), text('qop') as UsableChallenge['qop']]
  // RFC 7616 §3.4.2: the session's HA1 is made of its first cnonce, which therefore stays.
  const cnonce = algorithm.isSession ? text('cnonce') : fresh
  const nc = qop === '' || count === undefined ? text('nc') : ncOf(count())
  const input = { algorithm, ha1, nonce, qop, nc, cnonce, method, uri, body }
  const [username, realm, opaque] = [text('username'), text('realm'), text('opaque')]
  return write({ username, realm, opaque, algorithmText, userhash: params.has('userhash'), input })
}

/** Unquoted are qop, nc and algorithm, and the order is Kamailio's: there are servers that read nothing else. */
function write({ username, realm, opaque, algorithmText, userhash, input }: Parts): string {
  const { algorithm, nonce, qop, nc, cnonce, uri } = input
  const counted = qop === '' ? '' : ', qop=' + qop + ', nc=' + nc
  // Without qop no cnonce (RFC 7616 §3.4), but a session cannot be computed without one.
  const session = qop === '' && !algorithm.isSession ? '' : ', cnonce=' + quote(cnonce)
  return (
    'Digest username=' +
    quote(username) +
    ', realm=' +
    quote(realm) +
    ', nonce=' +
    quote(nonce) +
    ', uri=' +
    quote(uri) +
    (opaque === '' ? '' : ', opaque=' + quote(opaque)) +
    counted +
    session +
    ', response="' +
    digestResponse(input) +
    '", algorithm=' +
    (algorithmText || 'MD5') +
    (userhash ? ', userhash=true' : '')
  )
}

/** RFC 7616 §3.4: eight hex digits. */
function ncOf(count: number): string {
  return count.toString(16).padStart(8, '0')
}
