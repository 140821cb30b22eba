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

/**
 * How many seconds were granted; otherwise why nothing is bound. `sent` is the Contact of the REGISTER, and `asked` counts where the registrar says
 * nothing.
 */
export function grantedBy(
  response: Message,
  sent: Address | undefined,
  account: Account,
  asked: number,
): number | string {
  const contacts = contactsOf(response)
  if (contacts.length === 0) return `the ${response.status} lists no binding (no Contact)`
  const ours = oursAmong(contacts, sent, account)
  if (ours === undefined) return `the ${response.status} lists ${contacts.length} bindings, and none is ours`
  // RFC 3261 §10.2.1.1: the parameter of the Contact, else the header.
  const seconds = secondsOf(ours.param('expires')) ?? secondsOf(response.value(H.Expires)) ?? asked
  if (seconds === 0) return 'the registrar granted 0 seconds'
  return Math.min(seconds, LONGEST)
}

/** Those that can be read; `*` is none (RFC 3261 §10.2.2: it stands in requests). */
function contactsOf(response: Message): Address[] {
  return response
    .values(H.Contact)
    .map((value) => Address.parse(value))
    .filter((address) => address?.isValid === true) as Address[]
}

/** What we bound from another address carries our cookie as well, and lapses at its own time: the one just sent goes before it. */
function oursAmong(
  contacts: readonly Address[],
  sent: Address | undefined,
  { cookie, row }: Account,
): Address | undefined {
  const hasCookie = ({ uri }: Address): boolean => uri.param(COOKIE) === cookie
  const tests: ((address: Address) => boolean)[] = [
    ({ uri }) => uri.bytes === sent?.uri.bytes,
    (address) => hasCookie(address) && address.uri.host === sent?.uri.host && address.uri.port === sent.uri.port,
    hasCookie,
    ({ uri }) => uri.param('line') === row.l_uuid,
    ({ uri }) => uri.user === (row.contact_user || row.l_uuid),
  ]
  for (const isOurs of tests) {
    const found = contacts.find(isOurs)
    if (found !== undefined) return found
  }
  // RFC 3261 §10.3 step 8: a 200 lists what is bound, and we just bound something.
  return contacts.length === 1 ? contacts[0] : undefined
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
