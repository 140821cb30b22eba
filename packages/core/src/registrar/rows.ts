/**
 * A contact as a row of Kamailio's `location`, and back. Times are the local time of the machine, as Kamailio writes them: on the same machine
 * each reads the other's rows.
 */
import { toBytes, toUnicode } from '../message/chars.ts'
import { Uri } from '../message/uri.ts'
import type { Bound, Row } from '../store/database.ts'
import { makeAor, type AorRules } from './aor.ts'
import type { Binding } from './binding.ts'

/** What we write; the other columns keep their defaults. */
export const writtenColumns = [
  'ruid',
  'username',
  'domain',
  'contact',
  'received',
  'expires',
  'q',
  'callid',
  'cseq',
  'last_modified',
  'user_agent',
  'socket',
  'instance',
] as const

/** Milliseconds of the clock, and of the calendar, at the same moment. */
export interface Moment {
  readonly clock: number
  readonly calendar: number
}

/** What Kamailio calls a q that nobody gave. */
const NO_Q = -1

export function rowOf(binding: Binding, now: Moment): Bound[] {
  const { ruid, aor, uri, received, q = NO_Q, callId, cseq, userAgent, socket, instance } = binding
  return [
    ruid,
    aor.user,
    aor.domain ?? null,
    uri.toString(),
    received?.toString() ?? null,
    datetime(now.calendar + binding.expiresAt - now.clock),
    q,
    toUnicode(callId),
    cseq,
    datetime(now.calendar),
    toUnicode(userAgent),
    socket === '' ? null : socket,
    instance === '' ? null : toUnicode(instance),
  ]
}

/** Undefined for a row that names no contact. What has expired is for the caller to see. */
export function bindingOf(row: Row, rules: AorRules, now: Moment): Binding | undefined {
  const uri = Uri.parse(text(row['contact']))
  const user = toUnicode(text(row['username']))
  const expires = timeOf(row['expires'])
  if (uri === undefined || user === '' || expires === undefined) return undefined
  const q = Number(row['q'] ?? NO_Q)
  const received = Uri.parse(text(row['received']))
  return {
    aor: makeAor(user, toUnicode(text(row['domain'])), rules),
    ruid: text(row['ruid']),
    uri,
    q: q >= 0 && q <= 1 ? q : undefined,
    expiresAt: now.clock + expires - now.calendar,
    callId: text(row['callid']),
    cseq: Number(row['cseq'] ?? 0),
    userAgent: text(row['user_agent']),
    instance: text(row['instance']),
    socket: text(row['socket']),
    ...(received !== undefined && { received }),
  }
}

/** Bytes, as the core has them. */
function text(value: unknown): string {
  return typeof value === 'string' ? toBytes(value) : ''
}

/** Whole seconds, rounded to the later one: what was granted is kept. */
function datetime(ms: number): string {
  const date = new Date(Math.ceil(ms / 1_000) * 1_000)
  const two = (number: number): string => String(number).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** Milliseconds since 1970, of a DATETIME or, where Kamailio's `expires_type` says so, of seconds as a number. */
function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value) * 1_000
  const match = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)/.exec(typeof value === 'string' ? value : '')
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number)
  return new Date(year!, month! - 1, day, hour, minute, second).getTime()
}
