/**
 * What credentials can prove: the HA1 of a password, or the one they were given, by algorithm. Nothing is remembered, so that a HA1 never
 * becomes the password of the next call. Passwords and HA1s never get into a reason.
 */
import type { Credentials } from '@signalbox/dsl'
import { breaksLine, toBytes } from '../message/chars.ts'
import { ha1Of, hexLength, type Algorithm } from './digest.ts'

type Ha1s = Partial<Record<Algorithm, string>>

/** Why these credentials cannot be used at all. */
export function unusableCredentials({ username, password, ha1 }: Credentials): string | undefined {
  if (typeof username !== 'string' || username === '') return 'the credentials have no user name'
  if (breaksLine(username)) return `the user name ${JSON.stringify(username)} has a line break`
  if (!isGiven(ha1)) {
    return typeof password === 'string' ? undefined : `${JSON.stringify(username)} has neither password nor ha1`
  }
  const given = readHa1(ha1)
  return typeof given === 'string' ? `the ha1 of ${JSON.stringify(username)} is not ${given}` : undefined
}

/** The HA1 that answers for this realm, or undefined when only other algorithms have one. */
export function secretOf(credentials: Credentials, algorithm: Algorithm, realm: string): string | undefined {
  const { username, password, ha1 } = credentials
  if (!isGiven(ha1)) return ha1Of(algorithm, toBytes(username), realm, toBytes(password!))
  const given = readHa1(ha1)
  return typeof given === 'string' ? undefined : given[algorithm]
}

/** By algorithm, in lower case; otherwise what was expected. A bare string tells its algorithm by its length. */
function readHa1(ha1: NonNullable<Credentials['ha1']>): Ha1s | string {
  if (typeof ha1 === 'string') {
    const digits = ha1.toLowerCase()
    if (isHex(digits, hexLength.MD5)) return { MD5: digits }
    return isHex(digits, hexLength['SHA-256']) ? { 'SHA-256': digits } : '32 or 64 hex digits'
  }
  const read: Ha1s = {}
  for (const algorithm of Object.keys(hexLength) as Algorithm[]) {
    const digits: unknown = ha1[algorithm]
    if (digits === undefined) continue
    const length = hexLength[algorithm]
    if (typeof digits !== 'string' || !isHex(digits, length)) return `${length} hex digits for ${algorithm}`
    read[algorithm] = digits.toLowerCase()
  }
  return read
}

/** An empty column of a database is null. */
function isGiven<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null
}

function isHex(text: string, length: number): boolean {
  return text.length === length && /^[0-9a-f]*$/i.test(text)
}
