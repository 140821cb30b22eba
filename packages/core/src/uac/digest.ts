/**
 * The digest answer to one challenge (RFC 3261 §22.4, RFC 7616 §3.4): MD5, without qop or with qop=auth. Other algorithms and auth-int
 * are not answered yet: such a challenge counts as unusable.
 */
import { hash, randomBytes } from 'node:crypto'
import { quote } from '../message/chars.ts'
import type { Challenge } from './challenge.ts'

/** A challenge that can be answered. */
export interface UsableChallenge {
  readonly realm: string
  readonly nonce: string
  readonly opaque: string
  /** As the challenge spells it; '' when it names none. */
  readonly algorithm: string
  readonly qop: 'auth' | ''
  readonly stale: boolean
}

/** Whether and how this challenge can be answered; otherwise why not. */
export function usable(challenge: Challenge): UsableChallenge | string {
  const { scheme, params } = challenge
  if (scheme !== 'digest') return `scheme ${scheme} is not Digest`
  const algorithm = params.get('algorithm') ?? ''
  if (algorithm !== '' && algorithm.toUpperCase() !== 'MD5') return `algorithm ${algorithm} is not known`
  const nonce = params.get('nonce') ?? ''
  if (nonce === '') return 'the challenge has no nonce'
  const offered =
    params
      .get('qop')
      ?.split(',')
      .map((each) => each.trim().toLowerCase()) ?? []
  const named = offered.filter((each) => each !== '')
  if (named.length > 0 && !named.includes('auth')) return `qop ${named.join(', ')} is not known`
  return {
    realm: params.get('realm') ?? '',
    nonce,
    opaque: params.get('opaque') ?? '',
    algorithm,
    qop: named.length > 0 ? 'auth' : '',
    stale: params.get('stale')?.toLowerCase() === 'true',
  }
}

export interface DigestRequest {
  readonly method: string
  readonly uri: string
  readonly username: string
  readonly password: string
  /** Fresh for each answer; a test hands in a fixed one. */
  readonly cnonce?: string
}

/** The value of Authorization or Proxy-Authorization. All strings are bytes. */
export function digestAnswer(challenge: UsableChallenge, request: DigestRequest): string {
  const { realm, nonce, opaque, algorithm, qop } = challenge
  const { method, uri, username, password } = request
  const cnonce = qop === '' ? '' : (request.cnonce ?? randomBytes(8).toString('hex'))
  const nc = '00000001'
  const ha1 = md5Ha1(realm, username, password)
  const ha2 = md5(method + ':' + uri)
  const response = md5([ha1, nonce, ...(qop === '' ? [] : [nc, cnonce, qop]), ha2].join(':'))
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
    (qop === '' ? '' : ', qop=' + qop + ', nc=' + nc + ', cnonce=' + quote(cnonce)) +
    ', response="' +
    response +
    '", algorithm=' +
    (algorithm || 'MD5')
  )
}

/** RFC 7616 §3.4.2. */
export function md5Ha1(realm: string, username: string, password: string): string {
  return md5(username + ':' + realm + ':' + password)
}

/** Over bytes: a latin1 string holds one per character. */
function md5(bytes: string): string {
  return hash('md5', Buffer.from(bytes, 'latin1'), 'hex')
}
