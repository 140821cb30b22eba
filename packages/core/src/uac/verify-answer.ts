/**
 * The other side of the digest: whether an Authorization or Proxy-Authorization proves a password (RFC 7616 §3.4.1). Which nonces, counts and URIs
 * are good is the server's to say; it reads them from the answer.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Credentials } from '@signalbox/dsl'
import { toBytes, unfold } from '../message/chars.ts'
import { readChallenges } from './challenge.ts'
import { digestResponse, readAlgorithm, userHash, type NamedAlgorithm } from './digest.ts'
import { secretOf } from './secret.ts'

/** An answer as it was received. All strings are bytes. */
export interface ReceivedAnswer {
  readonly username: string
  readonly realm: string
  readonly nonce: string
  readonly uri: string
  readonly opaque: string
  readonly algorithm: NamedAlgorithm
  readonly qop: 'auth' | 'auth-int' | ''
  /** Eight hex digits; '' without qop. */
  readonly nc: string
  readonly cnonce: string
  readonly userhash: boolean
  readonly response: string
}

/** Undefined when the value is no digest answer, or one of an algorithm or a qop that nobody here knows. */
export function readAnswer(value: string): ReceivedAnswer | undefined {
  const { scheme, params } = readChallenges(unfold(value))[0] ?? {}
  if (scheme !== 'digest' || params === undefined) return undefined
  const text = (name: string): string => params.get(name) ?? ''
  const algorithm = readAlgorithm(text('algorithm'))
  const [qop, nc] = [text('qop').toLowerCase(), text('nc')]
  if (algorithm === undefined || (qop !== '' && qop !== 'auth' && qop !== 'auth-int')) return undefined
  // RFC 7616 §3.4: with qop there are a count and a cnonce, and without one the cnonce of a session is needed still.
  if (qop !== '' && !/^[0-9a-f]{8}$/i.test(nc)) return undefined
  const cnonce = text('cnonce')
  if (cnonce === '' && (qop !== '' || algorithm.isSession)) return undefined
  const [username, realm, nonce, uri] = [text('username'), text('realm'), text('nonce'), text('uri')]
  const userhash = text('userhash').toLowerCase() === 'true'
  const [opaque, response] = [text('opaque'), text('response').toLowerCase()]
  return { username, realm, nonce, uri, opaque, algorithm, qop, nc, cnonce, userhash, response }
}

/** Whether the answer to a request of this method and body was made with these credentials. Compares in constant time. */
export function verifyAnswer(
  answer: ReceivedAnswer,
  { method, body }: { method: string; body: string },
  credentials: Credentials,
): boolean {
  const { algorithm, realm, response } = answer
  const name = toBytes(credentials.username)
  if (answer.username !== (answer.userhash ? userHash(algorithm.hash, name, realm) : name)) return false
  const ha1 = secretOf(credentials, algorithm.hash, realm)
  if (ha1 === undefined) return false
  const expected = digestResponse({ ...answer, ha1, method, body })
  return response.length === expected.length && timingSafeEqual(Buffer.from(response, 'latin1'), Buffer.from(expected))
}
