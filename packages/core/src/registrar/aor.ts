/** The address-of-record in its canonical form (RFC 3261 §10.3 step 5): what bindings are found by. */
import { flat, toUnicode } from '../message/chars.ts'
import type { Uri } from '../message/uri.ts'

/** Unicode, as the table has it. */
export interface Aor {
  /** `user@host`, or the user alone. */
  readonly key: string
  readonly user: string
  /** As it was registered; undefined where domains do not count. */
  readonly domain: string | undefined
}

export interface AorRules {
  readonly useDomain: boolean
  /** Whether a host is one of the proxy's own addresses, on whatever port. */
  isOwnAddress(host: string): boolean
}

/** What Kamailio's columns hold. */
const LONGEST = 64

/** Undefined for what is nobody's address: another scheme, no user, or one that is too long to be kept. */
export function aorOf({ scheme, user, host: bytes }: Uri, rules: AorRules): Aor | undefined {
  if ((scheme !== 'sip' && scheme !== 'sips') || user === '') return undefined
  const host = toUnicode(bytes)
  return user.length > LONGEST || host.length > LONGEST ? undefined : makeAor(user, host, rules)
}

/**
 * The proxy's own addresses are one domain: who registers at one of them is called at any. A name (an alias) is a domain of its own, or tenants would
 * get each other's calls. A host that is empty, as Kamailio leaves it, is ours.
 */
export function makeAor(user: string, host: string, { useDomain, isOwnAddress }: AorRules): Aor {
  if (!useDomain) return { key: user, user, domain: undefined }
  const isOurs = host === '' || isOwnAddress(host)
  // V8 finds a text in a Map at once where it is written out, and by a call into its runtime where it is joined.
  return { key: flat(user + '@' + (isOurs ? '' : host.toLowerCase())), user, domain: host }
}
