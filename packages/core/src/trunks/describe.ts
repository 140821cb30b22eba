/** A trunk as operators are shown it: Kamailio's fields in Kamailio's order, passwords masked, and what is ours behind them. */
import type { TrunkRow } from './columns.ts'
import type { TrunkState } from './machine.ts'
import { MASK, withoutPassword } from './mask.ts'
import type { Registration } from './registration.ts'

/** A trunk as operators read it: `uac.reg_dump` and `signalbox trunks`. Passwords are masked. */
export interface TrunkDescription extends TrunkRow {
  /** Kamailio's bits: 1 disabled, 2 in flight, 4 registered, 16 its delay has passed. */
  readonly flags: number
  /** Seconds until the binding lapses, or until the next attempt where nothing is bound. */
  readonly diff_expires: number
  /** The same as a time, in seconds since 1970. */
  readonly timer_expires: number
  /** When it was loaded. */
  readonly reg_init: number
  readonly state: TrunkState
  /** The last failure in words; '' when all is well. */
  readonly reason: string
  /** Seconds until the next REGISTER; null when none is planned. */
  readonly next: number | null
  /** The last answer of the registrar. */
  readonly answer: string
  /** Realms that its last challenge named. */
  readonly asked_realm: string
  /** Seconds that the binding lasts still; null when nothing is bound. */
  readonly expires_in: number | null
  /** What is to be known of it though all is well; '' for nothing. */
  readonly note: string
}

/** What is to be known of a row that is not alone. */
export const DOUBLED = 'the table has this l_uuid more than once: the first row counts, the others are left out'

/** `wall` is the time in seconds since 1970; `isDoubled`: other rows have its `l_uuid`. */
export function describeTrunk(trunk: Registration, now: number, wall: number, isDoubled = false): TrunkDescription {
  const { row, state, reason } = trunk
  const until = (at: number | undefined): number | null => (at === undefined ? null : Math.round((at - now) / 1_000))
  const next = until(trunk.nextAt)
  const expiresIn = until(trunk.boundUntil)
  const diff = expiresIn ?? next ?? 0
  return {
    l_uuid: row.l_uuid,
    l_username: row.l_username,
    l_domain: withoutPassword(row.l_domain),
    r_username: row.r_username,
    r_domain: withoutPassword(row.r_domain),
    realm: row.realm,
    auth_username: row.auth_username,
    auth_password: row.auth_password === '' ? 'none' : MASK,
    auth_ha1: row.auth_ha1 === '' ? 'none' : MASK,
    auth_proxy: withoutPassword(row.auth_proxy) || 'none',
    expires: row.expires,
    flags: flagsOf(trunk, now),
    diff_expires: diff,
    timer_expires: Math.round(wall) + diff,
    reg_init: Math.round(wall - (now - trunk.since) / 1_000),
    reg_delay: row.reg_delay,
    contact_addr: withoutPassword(row.contact_addr) || 'none',
    socket: row.socket,
    contact_user: withoutPassword(row.contact_user) || 'none',
    state,
    reason,
    next,
    answer: trunk.lastAnswer,
    asked_realm: trunk.askedRealms.join(', '),
    expires_in: expiresIn,
    note: [trunk.note, isDoubled ? DOUBLED : ''].filter(Boolean).join('; '),
  }
}

function flagsOf(trunk: Registration, now: number): number {
  const hasBegun = now - trunk.since >= trunk.row.reg_delay * 1_000
  const bits = [trunk.state === 'disabled' ? 1 : 0, trunk.isOpen ? 2 : 0, trunk.isBound ? 4 : 0, hasBegun ? 16 : 0]
  return bits.reduce((sum, bit) => sum + bit)
}
