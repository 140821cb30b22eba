/**
 * SIP, SIPS and tel URIs (RFC 3261 §19.1, RFC 3966), immutable. Any other scheme is kept as opaque text, since a proxy passes it on
 * or answers 416. Parsing gives a `Uri` or undefined; only `with`, which a route calls, throws.
 */
import type { Uri as UriType, UriLike, UriParts } from '@signalbox/dsl'
import { SignalboxError } from '../errors.ts'
import {
  codesOf,
  endOfHost,
  endOfParamName,
  endOfParamValue,
  escapeParam,
  escapePassword,
  escapeUser,
  isPasswordPart,
  isToken,
  isUserPart,
  numberAt,
  standsAt,
  toBytes,
  toUnicode,
  unescape,
} from './chars.ts'
import { allParams, paramAt } from './params.ts'

/** The pieces of a URI as bytes, escapes still in. `params` starts with `;`, `headers` with `?`, or they are ''. */
interface Pieces {
  scheme: string
  user: string | undefined
  password: string | undefined
  host: string
  port: number | undefined
  params: string
  headers: string
}

export class Uri implements UriType {
  readonly #pieces: Pieces
  readonly #text: string
  #host: string | undefined

  private constructor(pieces: Pieces, text: string) {
    this.#pieces = pieces
    this.#text = text
    this.#host = undefined
  }

  /** Reads one URI, without brackets. Undefined when it is none. */
  static parse(text: string): Uri | undefined {
    const pieces = piecesOf(text)
    return pieces && new Uri(pieces, text)
  }

  /** As `parse`, for what a route hands in: throws `BAD_URI`. */
  static from(value: UriLike): Uri {
    if (value instanceof Uri) return value
    const text = String(value)
    const uri = Uri.parse(toBytes(text))
    if (uri === undefined) throw new SignalboxError('BAD_URI', `not a URI: ${JSON.stringify(text)}`)
    return uri
  }

  get scheme(): string {
    return this.#pieces.scheme
  }

  get user(): string {
    return toUnicode(unescape(this.#pieces.user ?? ''))
  }

  get password(): string {
    return toUnicode(unescape(this.#pieces.password ?? ''))
  }

  get host(): string {
    return (this.#host ??= this.#pieces.host.toLowerCase())
  }

  get port(): number | undefined {
    return this.#pieces.port
  }

  param(name: string): string | undefined {
    const { params } = this.#pieces
    if (params === '') return undefined
    const lower = isLower(name) ? name : toBytes(name).toLowerCase()
    // A name may be written with escapes (RFC 4475 §3.1.1.3), though hardly anybody does.
    const value = params.includes('%') ? comparableParams(params).get(lower) : paramAt(params, 0, lower)
    return value ? toUnicode(unescape(value)) : value
  }

  /** The header components as bytes, from their `?` on; '' when there are none. They may not stand in a Request-URI (§19.1.1). */
  get headers(): string {
    return this.#pieces.headers.startsWith('?') ? this.#pieces.headers : ''
  }

  with(parts: UriParts): Uri {
    const meant = changePieces(this.#pieces, parts)
    const text = format(meant)
    const made = piecesOf(text)
    // Read back: with the host `a;lr` there would be a URI too, but another one than was meant.
    if (made === undefined || !samePieces(made, meant)) {
      throw new SignalboxError('BAD_URI', `not a URI: ${JSON.stringify(toUnicode(text))}`)
    }
    return new Uri(made, text)
  }

  /** RFC 3261 §19.1.4. Other schemes are compared as text. */
  equals(other: UriLike): boolean {
    const that = other instanceof Uri ? other : Uri.parse(toBytes(String(other)))
    if (that === undefined) return false
    return sameUri(this, this.#pieces, that, that.#pieces)
  }

  /** The URI as bytes: what goes on the wire. */
  get bytes(): string {
    return this.#text
  }

  toString(): string {
    return toUnicode(this.#text)
  }

  toJSON(): string {
    return this.toString()
  }
}

/** Whether a name is as it is looked for: those that the core asks for are. */
function isLower(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i)
    if (code < 0x61 || code > 0x7a) return false
  }
  return true
}

const SIP = codesOf('sip:')

function piecesOf(text: string): Pieces | undefined {
  const colon = text.indexOf(':')
  if (colon <= 0) return undefined
  if (standsAt(text, 0, SIP)) return sipPieces(text, 'sip', colon + 1)
  const scheme = text.slice(0, colon).toLowerCase()
  if (!/^[a-z][a-z0-9+.-]*$/.test(scheme)) return undefined
  if (scheme === 'sip' || scheme === 'sips') return sipPieces(text, scheme, colon + 1)
  if (scheme === 'tel') return telPieces(text, colon + 1)
  if (!isVisible(text, colon)) return undefined
  return {
    scheme,
    user: undefined,
    password: undefined,
    host: '',
    port: undefined,
    params: '',
    headers: text.slice(colon + 1),
  }
}

/** No control characters, blanks, quotes or angle brackets from there on: those would end the URI early. */
function isVisible(text: string, from: number): boolean {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code <= 0x20 || code === 0x7f || code === 0x22 || code === 0x3c || code === 0x3e) return false
  }
  return true
}

function sipPieces(text: string, scheme: string, start: number): Pieces | undefined {
  // A user part may hold ; and ?, so the @ is looked for first (RFC 3261 §25.1 user-unreserved).
  const at = text.indexOf('@', start)
  let user: string | undefined
  let password: string | undefined
  if (at >= 0) {
    const colon = text.indexOf(':', start)
    const userEnd = colon >= 0 && colon < at ? colon : at
    if (userEnd === start || !lenientUser(text, start, userEnd)) return undefined
    if (userEnd < at && !isPasswordPart(text, userEnd + 1, at)) return undefined
    user = text.slice(start, userEnd)
    if (userEnd < at) password = text.slice(userEnd + 1, at)
  }
  const hostStart = at + 1 || start
  const question = text.indexOf('?', hostStart)
  const end = question < 0 ? text.length : question
  const semicolon = text.indexOf(';', hostStart)
  const hostEnd = semicolon < 0 || semicolon > end ? end : semicolon
  const hostPort = readHostPort(text, hostStart, hostEnd)
  if (hostPort === undefined || !goodParams(text, hostEnd, end) || !isVisible(text, end)) return undefined
  if (text.indexOf('@', hostStart) >= 0) return undefined
  const { host, port } = hostPort
  return { scheme, user, password, host, port, params: text.slice(hostEnd, end), headers: text.slice(end) }
}

/** The grammar's user part, and UTF-8 bytes beside it: phones send them, and nothing breaks. */
function lenientUser(text: string, start: number, end: number): boolean {
  return isUserPart(text, start, end) || isUserPart(text.slice(start, end).replace(/[\x80-\xff#[\]{}|^`\\]/g, '_'))
}

function telPieces(text: string, start: number): Pieces | undefined {
  const semicolon = text.indexOf(';', start)
  const end = semicolon < 0 ? text.length : semicolon
  const user = text.slice(start, end)
  if (!/^\+?[0-9a-fA-F*#().-]+$/.test(user) || !goodParams(text, end, text.length)) return undefined
  return { scheme: 'tel', user, password: undefined, host: '', port: undefined, params: text.slice(end), headers: '' }
}

export interface HostPort {
  readonly host: string
  readonly port: number | undefined
}

/** `host`, `host:port`, `[v6]:port`. */
export function readHostPort(text: string, start = 0, end = text.length): HostPort | undefined {
  const hostEnd = endOfHost(text, start, end)
  if (hostEnd === start) return undefined
  const host = text.slice(start, hostEnd)
  if (hostEnd === end) return { host, port: undefined }
  if (text.charCodeAt(hostEnd) !== 0x3a || end - hostEnd > 6) return undefined
  const port = numberAt(text, hostEnd + 1, end)
  return port === undefined || port > 65535 ? undefined : { host, port }
}

function goodParams(text: string, from: number, to: number): boolean {
  for (let semicolon = from; semicolon < to;) {
    const name = semicolon + 1
    let end = endOfParamName(text, name, to)
    if (end === name) return false
    if (end < to && text.charCodeAt(end) === 0x3d) end = endOfParamValue(text, end + 1, to)
    if (end < to && text.charCodeAt(end) !== 0x3b) return false
    semicolon = end
  }
  return true
}

function changePieces(old: Pieces, parts: UriParts): Pieces {
  const scheme = parts.scheme === undefined ? old.scheme : toBytes(parts.scheme).toLowerCase()
  const isSip = scheme === 'sip' || scheme === 'sips'
  const escaped = scheme === 'tel' ? toBytes : (user: string) => escapeUser(toBytes(user))
  const user = parts.user === undefined ? old.user : escaped(parts.user) || undefined
  const password = isSip && user !== undefined ? old.password : undefined
  return {
    scheme,
    user,
    password: parts.password === undefined ? password : escapePassword(toBytes(parts.password)) || undefined,
    host: parts.host === undefined ? (isSip ? old.host : '') : toBytes(parts.host),
    port: parts.port === undefined ? (isSip ? old.port : undefined) : (parts.port ?? undefined),
    params: parts.params === undefined ? old.params : changeParams(old.params, parts.params),
    headers: old.headers,
  }
}

function samePieces(a: Pieces, b: Pieces): boolean {
  return (
    a.scheme === b.scheme && a.user === b.user && a.password === b.password && a.host === b.host && a.port === b.port
  )
}

function changeParams(params: string, changes: Record<string, string | null>): string {
  const wanted = new Map(Object.entries(changes).map(([name, value]) => [toBytes(name).toLowerCase(), value]))
  let out = ''
  for (const [name, value] of allParams(params)) {
    if (!wanted.has(unescape(name).toLowerCase())) out += ';' + name + (value === undefined ? '' : '=' + value)
  }
  for (const [name, value] of wanted) {
    if (!isToken(name)) throw new SignalboxError('BAD_URI', `not a parameter name: ${JSON.stringify(name)}`)
    if (value !== null) out += ';' + name + (value === '' ? '' : '=' + escapeParam(toBytes(value)))
  }
  return out
}

function format(pieces: Pieces): string {
  const { scheme, user, password, host, port, params, headers } = pieces
  if (scheme !== 'sip' && scheme !== 'sips') return scheme + ':' + (scheme === 'tel' ? (user ?? '') + params : headers)
  const userInfo = user === undefined ? '' : user + (password === undefined ? '' : ':' + password) + '@'
  return scheme + ':' + userInfo + host + (port === undefined ? '' : ':' + port) + params + headers
}

/** Parameters that must match, or be absent from both, when one URI has them (RFC 3261 §19.1.4). */
const mustMatch = ['user', 'ttl', 'method', 'maddr', 'transport']

function sameUri(a: Uri, aPieces: Pieces, b: Uri, bPieces: Pieces): boolean {
  if (a.scheme !== b.scheme) return false
  if (a.scheme !== 'sip' && a.scheme !== 'sips') return a.bytes.toLowerCase() === b.bytes.toLowerCase()
  return (
    comparable(aPieces.user ?? '') === comparable(bPieces.user ?? '') &&
    comparable(aPieces.password ?? '') === comparable(bPieces.password ?? '') &&
    a.host === b.host &&
    a.port === b.port &&
    sameParams(aPieces.params, bPieces.params) &&
    sameHeaders(aPieces.headers, bPieces.headers)
  )
}

function sameParams(a: string, b: string): boolean {
  const inA = comparableParams(a)
  const inB = comparableParams(b)
  for (const [name, value] of inA) {
    const other = inB.get(name)
    if (other !== undefined && comparable(other).toLowerCase() !== comparable(value).toLowerCase()) return false
  }
  return mustMatch.every((name) => inA.has(name) === inB.has(name))
}

/** Parameters by name in lower case and without escapes, values raw, the first of a name counting. */
function comparableParams(params: string): Map<string, string> {
  const byName = new Map<string, string>()
  for (const [name, value] of allParams(params).reverse()) byName.set(unescape(name).toLowerCase(), value ?? '')
  return byName
}

/** Header components are never ignored and come in any order. */
function sameHeaders(a: string, b: string): boolean {
  const sorted = (headers: string): string =>
    headers
      .slice(1)
      .split('&')
      .map((header) => comparable(header).toLowerCase())
      .sort()
      .join('&')
  return sorted(a) === sorted(b)
}

/** Without escapes, but for those of reserved characters: these are not the same as the characters (RFC 3261 §19.1.4). */
function comparable(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/%[0-9a-fA-F]{2}/g, (escaped) => {
    const char = unescape(escaped)
    return ';/?:@&=+$,%'.includes(char) ? escaped.toUpperCase() : char
  })
}

/** One spelling for each host: IPv6 as RFC 5954 §4.2 compares it, without brackets; names in lower case and without the root's dot. */
export function canonicalHost(host: string): string {
  const bare = (host.startsWith('[') ? host.slice(1, -1) : host).toLowerCase()
  if (!bare.includes(':')) return bare.endsWith('.') ? bare.slice(0, -1) : bare
  return URL.canParse(`http://[${bare}]`) ? new URL(`http://[${bare}]`).hostname : bare
}
