/**
 * The header names the core knows, each with a small number. A name is compared with the few that are as long and begin with
 * the same letter, so that parsing allocates nothing per header. Unknown names get the number 0 and are compared as text.
 */
import { codesOf, standsAt } from './chars.ts'

export const H = {
  Unknown: 0,
  Via: 1,
  From: 2,
  To: 3,
  CallId: 4,
  CSeq: 5,
  MaxForwards: 6,
  Route: 7,
  RecordRoute: 8,
  Contact: 9,
  ContentLength: 10,
  ContentType: 11,
  ProxyRequire: 12,
  Require: 13,
  Supported: 14,
  Unsupported: 15,
  Authorization: 16,
  ProxyAuthorization: 17,
  WwwAuthenticate: 18,
  ProxyAuthenticate: 19,
  Expires: 20,
  MinExpires: 21,
  RetryAfter: 22,
  Allow: 23,
  UserAgent: 24,
  Server: 25,
  Subject: 26,
  Event: 27,
  ReferTo: 28,
  ReferredBy: 29,
  RSeq: 30,
  RAck: 31,
  Path: 32,
  ServiceRoute: 33,
  Accept: 34,
  AllowEvents: 35,
  ContentEncoding: 36,
  Date: 37,
  Warning: 38,
  Timestamp: 39,
  InReplyTo: 40,
  AcceptEncoding: 41,
  AcceptLanguage: 42,
  AlertInfo: 43,
  CallInfo: 44,
  ContentLanguage: 45,
  ErrorInfo: 46,
  Organization: 47,
  Priority: 48,
  ReplyTo: 49,
  ContentDisposition: 50,
  MimeVersion: 51,
  AuthenticationInfo: 52,
  SessionExpires: 53,
  MinSE: 54,
  PAssertedIdentity: 55,
  Privacy: 56,
  Identity: 57,
  MaxBreadth: 58,
  AcceptContact: 59,
  RejectContact: 60,
  RequestDisposition: 61,
  IdentityInfo: 62,
} as const

export type HeaderId = number

interface Known {
  readonly id: HeaderId
  readonly name: string
  readonly lower: string
  readonly codes: Uint8Array
}

/** Canonical spelling by id. */
export const canonicalName: string[] = []

const spellings: Record<string, string> = {
  CallId: 'Call-ID',
  CSeq: 'CSeq',
  WwwAuthenticate: 'WWW-Authenticate',
  RSeq: 'RSeq',
  RAck: 'RAck',
  MimeVersion: 'MIME-Version',
  MinSE: 'Min-SE',
  PAssertedIdentity: 'P-Asserted-Identity',
}

/** RFC 3261 §7.3.3 and the compact forms registered since. */
const compactForms: Record<string, HeaderId> = {
  v: H.Via,
  f: H.From,
  t: H.To,
  i: H.CallId,
  m: H.Contact,
  l: H.ContentLength,
  c: H.ContentType,
  e: H.ContentEncoding,
  k: H.Supported,
  s: H.Subject,
  o: H.Event,
  r: H.ReferTo,
  b: H.ReferredBy,
  u: H.AllowEvents,
  x: H.SessionExpires,
  y: H.Identity,
  a: H.AcceptContact,
  j: H.RejectContact,
  d: H.RequestDisposition,
  n: H.IdentityInfo,
}

/** By first letter. */
const byLetter: Known[][] = Array.from({ length: 32 }, () => [])

/** By length and first letter. Longer names than these are not known. */
const byShape: Known[][] = Array.from({ length: 32 << 5 }, () => [])

/** Of a letter the lower five bits are the same in either case. */
function shapeAt(text: string, start: number, end: number): number {
  return ((end - start) << 5) | (text.charCodeAt(start) & 31)
}

function remember(name: string, id: HeaderId): void {
  const known = { id, name, lower: name.toLowerCase(), codes: codesOf(name) }
  byShape[shapeAt(name, 0, name.length)]!.push(known)
  byLetter[name.charCodeAt(0) & 31]!.push(known)
}

for (const [key, id] of Object.entries(H)) {
  if (id === H.Unknown) continue
  const name = spellings[key] ?? key.replace(/([a-z])([A-Z])/g, '$1-$2')
  canonicalName[id] = name
  remember(name, id)
}
for (const [letter, id] of Object.entries(compactForms)) remember(letter, id)

/** The name that stands there, where it is written as it mostly is and its colon follows: not all of it is looked at twice. */
export function usualNameAt(text: string, start: number): Known | undefined {
  for (const known of byLetter[text.charCodeAt(start) & 31]!) {
    const { codes } = known
    if (text.charCodeAt(start + codes.length) === 0x3a && standsAt(text, start, codes)) return known
  }
  return undefined
}

/** The number of the name that stands in `text` from `start` to `end`, or 0. */
export function headerIdAt(text: string, start: number, end: number): HeaderId {
  const shape = shapeAt(text, start, end)
  if (shape >= byShape.length) return H.Unknown
  const known = byShape[shape]!
  for (const { id, codes } of known) if (standsAt(text, start, codes)) return id
  if (known.length === 0) return H.Unknown
  const written = text.slice(start, end).toLowerCase()
  return known.find(({ lower }) => lower === written)?.id ?? H.Unknown
}

export function headerId(name: string): HeaderId {
  return headerIdAt(name, 0, name.length)
}

/** Headers whose value is a comma-separated list (RFC 3261 §7.3.1); all others are taken as one value. */
export const isList: boolean[] = []
// prettier-ignore
for (const id of [
  H.Via, H.Route, H.RecordRoute, H.Contact, H.ProxyRequire, H.Require, H.Supported, H.Unsupported, H.Allow, H.Path,
  H.ServiceRoute, H.Accept, H.AllowEvents, H.ContentEncoding, H.Warning, H.InReplyTo, H.AcceptEncoding,
  H.AcceptLanguage, H.AlertInfo, H.CallInfo, H.ContentLanguage, H.ErrorInfo, H.PAssertedIdentity, H.AcceptContact,
  H.RejectContact, H.RequestDisposition,
]) {
  isList[id] = true
}

/** Headers that may stand only once. */
export const isSingle: boolean[] = []
for (const id of [H.From, H.To, H.CallId, H.CSeq, H.MaxForwards, H.ContentLength, H.ContentType, H.MinExpires]) {
  isSingle[id] = true
}
