/** What a REGISTER asks for: its Contact fields read (RFC 3261 §10.3 steps 6 and 7). Nothing is compared with what is registered yet. */
import { Address } from '../message/address.ts'
import { numberAt } from '../message/chars.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { Uri } from '../message/uri.ts'
import { refusal, type Refusal } from './refusal.ts'
import type { RegistrarRules } from './rules.ts'

export interface ContactChange {
  readonly uri: Uri
  readonly q: number | undefined
  /** Seconds that are granted; 0 removes. */
  readonly expires: number
  readonly instance: string
}

/** `all`: every contact is to go. */
export type Wanted = { readonly all: true } | { readonly all: false; readonly changes: readonly ContactChange[] }

/** RFC 3261 §20.10: as long as this is what counts for an `expires` that cannot be read. */
const MALFORMED = 3_600
/** RFC 3261 §20.19. */
const LONGEST = 2 ** 32 - 1
const HOUR = 3_600
/** What Kamailio's columns hold. */
const URI_LENGTH = 512
const INSTANCE_LENGTH = 255

export function wantedContacts(request: Message, rules: RegistrarRules): Wanted | Refusal {
  const values = request.values(H.Contact)
  const header = request.value(H.Expires)
  // RFC 3261 §10.3 step 6.
  if (values.includes('*')) {
    const isAlone = values.length === 1 && header !== undefined && secondsOf(header) === 0
    return isAlone ? { all: true } : refusal(400, 'Invalid Request: * Needs To Be Alone, With Expires 0')
  }
  if (values.length > rules.maxContacts) return refusal(403, 'Too Many Contacts')
  const changes = values.map((value) => readContact(value, header, rules))
  return changes.find(isRefusal) ?? { all: false, changes: changes as ContactChange[] }
}

function isRefusal(change: ContactChange | Refusal): change is Refusal {
  return 'status' in change
}

function readContact(value: string, header: string | undefined, rules: RegistrarRules): ContactChange | Refusal {
  const address = Address.parse(value)
  if (address === undefined || !address.isValid) return refusal(400, 'Bad Contact')
  const instance = address.rawParam('+sip.instance') ?? ''
  if (address.uriBytes.length > URI_LENGTH || instance.length > INSTANCE_LENGTH) return refusal(400, 'Contact Too Long')
  const q = qOf(address.rawParam('q'))
  if (q === null) return refusal(400, 'Bad q')
  // RFC 3261 §10.3 step 7: the parameter, else the header, else our own.
  const asked = address.rawParam('expires') ?? header
  const expires = asked === undefined ? rules.defaultExpires : (secondsOf(asked) ?? MALFORMED)
  // Our own is never too short.
  const isTooShort = asked !== undefined && expires > 0 && expires < HOUR && expires < rules.minExpires
  if (isTooShort) return refusal(423, '', rules.minExpires)
  return { uri: address.uri, q, expires: Math.min(expires, rules.maxExpires), instance }
}

/** RFC 3261 §20.19: digits; more than 2^32 - 1 is that. Undefined for anything else. */
function secondsOf(text: string): number | undefined {
  const seconds = numberAt(text)
  return seconds === undefined ? undefined : Math.min(seconds, LONGEST)
}

/** RFC 3261 §25.1 qvalue; null for what is none. */
function qOf(text: string | undefined): number | undefined | null {
  if (text === undefined) return undefined
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : null
}
