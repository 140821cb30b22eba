/** From a row to the account it describes, or to what is wrong with it. A password is in no reason. */
import type { SignalboxError } from '../errors.ts'
import type { LocalSocket } from '../transport/flow.ts'
import { Account, type AccountOptions } from './account.ts'
import type { TrunkRow } from './columns.ts'

/** Kamailio skips a row where one of these is empty. */
const filled = ['l_uuid', 'l_username', 'l_domain', 'r_username', 'r_domain', 'auth_username', 'auth_proxy'] as const

/** More seconds than the header can say (RFC 3261 §20.19). */
const MAX_EXPIRES = 2 ** 32 - 1

/** The account that a row describes, or what is wrong with it. */
export function accountOf(
  row: TrunkRow,
  options: AccountOptions,
  socketOf: (name: string) => LocalSocket,
): Account | string {
  const empty = filled.filter((name) => row[name] === '')
  if (empty.length > 0) return `${empty.join(', ')} ${empty.length > 1 ? 'are' : 'is'} empty`
  if (row.auth_password === '' && row.auth_ha1 === '') return 'neither auth_password nor auth_ha1 is set'
  if (row.auth_ha1 !== '' && !/^[0-9a-f]{32}$/.test(row.auth_ha1)) {
    return `auth_ha1 is not 32 hex digits but ${row.auth_ha1.length} characters`
  }
  if (row.expires < 0) return `expires is negative: ${row.expires}`
  if (row.expires > MAX_EXPIRES) return `expires is more than ${MAX_EXPIRES} seconds: ${row.expires}`
  if (/;[ \t]*line[ \t]*(=|;|$)/i.test(row.contact_addr)) {
    return 'contact_addr has a line parameter, which is ours to set: use contact_user'
  }
  // Kamailio takes the default for a socket it does not know; a bare number is what a row of another version leaves there.
  if (/^\d*$/.test(row.socket)) return Account.of(row, options, undefined)
  try {
    return Account.of(row, options, socketOf(row.socket))
  } catch (error) {
    return `socket: ${(error as SignalboxError).message}`
  }
}
