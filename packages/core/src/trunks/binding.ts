/**
 * What a registrar's 200 says of our binding (RFC 3261 §10.2.4): which of its Contacts is ours, and how long it lasts. A registrar may rewrite user
 * and host, and lists the bindings of others too.
 */
import { isDigits } from '../message/chars.ts'
import { H } from '../message/header-names.ts'
import { Address } from '../message/address.ts'
import type { Message } from '../message/message.ts'
import { COOKIE, type Account } from './account.ts'

/** Longer than this a grant is not believed, in seconds. */
const LONGEST = 7 * 86_400

/** A registrar may ask for no longer refreshes than this, in seconds: whoever asks for years has a bug. */
const LONGEST_MIN_EXPIRES = 86_400

export interface Grant {
  readonly seconds: number
  /** Something of ours stands in the Contact that was taken for ours. */
  readonly isCertain: boolean
}

/** What an operator is told of a grant that is not certain. */
export const UNCERTAIN =
  'the only Contact that the registrar lists has nothing of what we sent; it is taken for ours, rewritten'

/**
 * What was granted; otherwise why nothing is bound. `sent` is the Contact of the REGISTER, and `asked` counts where the registrar says
 * nothing.
 */
export function grantedBy(
  response: Message,
  sent: Address | undefined,
  account: Account,
  asked: number,
): Grant | string {
  const contacts = contactsOf(response)
  if (contacts.length === 0) return `the ${response.status} lists no binding (no Contact)`
  const candidates = contacts.filter((address) => !isForeign(address, account))
  const known = oursAmong(candidates, sent, account)
  // RFC 3261 §10.3 step 8: a 200 lists what is bound, and we just bound something. One that hides who registers leaves nothing of it.
  const ours = known ?? (contacts.length === 1 ? candidates[0] : undefined)
  if (ours === undefined) {
    return `the ${response.status} lists ${contacts.length} binding${contacts.length === 1 ? '' : 's'}, and none is ours`
  }
  // RFC 3261 §10.2.1.1: the parameter of the Contact, else the header.
  const seconds = secondsOf(ours.param('expires')) ?? secondsOf(response.value(H.Expires)) ?? asked
  if (seconds === 0) return 'the registrar granted 0 seconds'
  return { seconds: Math.min(seconds, LONGEST), isCertain: known !== undefined }
}

/** Those that can be read; `*` is none (RFC 3261 §10.2.2: it stands in requests). */
function contactsOf(response: Message): Address[] {
  return response
    .values(H.Contact)
    .map((value) => Address.parse(value))
    .filter((address) => address?.isValid === true) as Address[]
}

/**
 * RFC 3261 §10.2.4: not one that somebody else bound, which names another of our trunks, or a device (RFC 5626 §4.1): we name none.
 */
function isForeign(address: Address, { cookie, row }: Account): boolean {
  const { uri } = address
  const isOther = (value: string | undefined, own: string): boolean => value !== undefined && value !== own
  return (
    isOther(uri.param(COOKIE), cookie) ||
    (uri.param(COOKIE) === undefined && row.contact_user !== '' && isOther(uri.param('line'), row.l_uuid)) ||
    address.rawParam('+sip.instance') !== undefined
  )
}

/** What we bound from another address carries our cookie as well, and lapses at its own time: the one just sent goes before it. */
function oursAmong(
  contacts: readonly Address[],
  sent: Address | undefined,
  { cookie, row }: Account,
): Address | undefined {
  const hasCookie = ({ uri }: Address): boolean => uri.param(COOKIE) === cookie
  const isThere = ({ uri }: Address): boolean => uri.host === sent?.uri.host && uri.port === sent.uri.port
  const tests: ((address: Address) => boolean)[] = [
    ({ uri }) => uri.bytes === sent?.uri.bytes,
    (address) => hasCookie(address) && isThere(address),
    hasCookie,
    ({ uri }) => uri.param('line') === row.l_uuid,
    ({ uri }) => uri.user === (row.contact_user || row.l_uuid),
    isThere,
  ]
  for (const isOurs of tests) {
    const found = contacts.find(isOurs)
    if (found !== undefined) return found
  }
  return undefined
}

/** How many seconds a 423 wants (RFC 3261 §20.23), where that is more than was asked and not absurd. Twice as much where it does not say. */
export function minExpiresOf(response: Message, asked: number): number | undefined {
  const wanted = secondsOf(response.value(H.MinExpires)) ?? asked * 2
  return wanted > asked && wanted <= LONGEST_MIN_EXPIRES ? wanted : undefined
}

/** `undefined` for what is no number of seconds. */
export function secondsOf(value: string | undefined): number | undefined {
  const text = value?.trim() ?? ''
  return text !== '' && text.length <= 15 && isDigits(text) ? Number(text) : undefined
}

/** Retry-After in seconds, bounded (RFC 3261 §20.33); a comment or parameters may follow. */
export function retryAfterOf(response: Message): number | undefined {
  const text = /^\s*(\d{1,15})/.exec(response.value(H.RetryAfter) ?? '')?.[1]
  return text === undefined ? undefined : Math.min(Number(text), 3_600)
}
