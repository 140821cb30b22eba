/**
 * The digest arithmetic of RFC 7616 §3.4 with the algorithms of RFC 8760: what the client answers with and what the verifier compares. Pure: no
 * randomness, no state. All strings are bytes (latin1), hex is in lower case.
 */
import { hash } from 'node:crypto'
import { isAscii } from '../message/chars.ts'

/** The hash functions, without `-sess`. */
export type Algorithm = 'MD5' | 'SHA-256' | 'SHA-512-256'

/** An `algorithm` parameter: the hash, and whether HA1 is bound to the session. */
export interface NamedAlgorithm {
  readonly hash: Algorithm
  readonly isSession: boolean
}

const functions: Record<Algorithm, string> = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' }

/** How many hex digits a hash has. */
export const hexLength: Readonly<Record<Algorithm, number>> = { MD5: 32, 'SHA-256': 64, 'SHA-512-256': 64 }

const named = new Map<string, NamedAlgorithm>(
  (Object.keys(functions) as Algorithm[]).flatMap((hash) => [
    [hash, { hash, isSession: false }],
    [`${hash}-SESS`, { hash, isSession: true }],
  ]),
)

/** Undefined for one that nobody here knows. RFC 7616 §3.3: none is MD5. */
export function readAlgorithm(text: string): NamedAlgorithm | undefined {
  return named.get(text === '' ? 'MD5' : text) ?? named.get(text.toUpperCase())
}

/** RFC 7616 §3.4.2: HA1 of the user, not yet bound to a session. */
export function ha1Of(algorithm: Algorithm, username: string, realm: string, password: string): string {
  return digest(algorithm, username + ':' + realm + ':' + password)
}

/** RFC 7616 §3.4.4. */
export function userHash(algorithm: Algorithm, username: string, realm: string): string {
  return digest(algorithm, username + ':' + realm)
}

export interface DigestInput {
  readonly algorithm: NamedAlgorithm
  readonly ha1: string
  readonly nonce: string
  readonly qop: 'auth' | 'auth-int' | ''
  /** Eight hex digits. Unused without qop. */
  readonly nc: string
  /** Unused without qop and `-sess`. */
  readonly cnonce: string
  readonly method: string
  readonly uri: string
  readonly body: string
}

/** RFC 7616 §3.4.1; without qop as RFC 2069 had it (RFC 3261 §22.4 step 6). */
export function digestResponse(input: DigestInput): string {
  const { algorithm, nonce, qop, nc, cnonce, method, uri, body } = input
  const { hash } = algorithm
  // RFC 7616 §3.4.2: the inner hash goes in as hex. Kamailio puts its raw bytes there, which no text asks for.
  const ha1 = algorithm.isSession ? digest(hash, input.ha1 + ':' + nonce + ':' + cnonce) : input.ha1
  // RFC 7616 §3.4.3: with auth-int the body counts, also an empty one.
  const ha2 = digest(hash, method + ':' + uri + (qop === 'auth-int' ? ':' + digest(hash, body) : ''))
  const middle = qop === '' ? nonce : nonce + ':' + nc + ':' + cnonce + ':' + qop
  return digest(hash, ha1 + ':' + middle + ':' + ha2)
}

/** Over bytes: a latin1 string holds one per character. Node takes a string for UTF-8, which is the same as long as it is ASCII, and cheaper. */
function digest(algorithm: Algorithm, bytes: string): string {
  return hash(functions[algorithm], isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1'), 'hex')
}
