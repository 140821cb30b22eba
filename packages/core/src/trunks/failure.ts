/** Why a REGISTER did not bind anything, in words for the log, the dump and `explain`. No password gets here. */
import { isChallenge } from '../message/challenge-status.ts'
import { apart, flat, toUnicode } from '../message/chars.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import { demandsOf } from '../uac/demands.ts'
import type { Account } from './account.ts'
import { withoutPassword } from './mask.ts'

export interface Failure {
  readonly response: Message
  readonly isLocal: boolean
  readonly error: Error | undefined
  /** Why a challenge was not answered; '' when there was none. */
  readonly unanswered: string
  readonly account: Account
}

/** In memory of its own: what was answered is not kept. */
export function failureOf(failure: Failure): string {
  return flat(inWords(failure))
}

function inWords({ response, isLocal, error, unanswered, account }: Failure): string {
  const { status, reason } = response
  const where = withoutPassword(account.proxy.toString())
  if (isLocal && status === 408) return `${where} did not answer`
  if (isLocal && status === 480) return 'onLocal dropped it'
  if (isLocal) return `it could not be sent to ${where}: ${error?.message ?? reason}`
  if (isChallenge(status)) return `${status}: ${mismatch(response, account) ?? (unanswered || reason)}`
  if (status === 423)
    return `423: the registrar wants at least ${response.value(H.MinExpires) ?? 'an unknown number of'} seconds`
  return `${status} ${toUnicode(reason)}`
}

/** Realms that a challenge names, as an operator reads them. */
export function realmsOf(response: Message): string[] {
  const demands = isChallenge(response.status) ? demandsOf(response) : ''
  return typeof demands === 'string'
    ? []
    : [...new Set(demands.map(({ realm }) => apart(toUnicode(realm))))].slice(0, 8)
}

function mismatch(response: Message, { row: { realm } }: Account): string | undefined {
  const asked = realmsOf(response)
  if (realm === '' || asked.length === 0 || asked.includes(realm)) return undefined
  const names = asked.map((name) => JSON.stringify(name)).join(', ')
  return `realms do not match: the registrar asks for ${names}, the row says ${JSON.stringify(realm)}`
}

/** Whether the registrar said no, and would again: it did not fall silent, nor fail itself (RFC 3261 §21.5). */
export function isRefusal({ response: { status }, isLocal }: Pick<Failure, 'response' | 'isLocal'>): boolean {
  return !isLocal && status !== 408 && (status < 500 || status >= 600)
}

/** The reason of a trunk whose row is refused. */
export function unusable(why: string): string {
  return `its row cannot be used: ${why}`
}
