/**
 * Character classes of RFC 3261 §25.1 as one table of bits, quoted strings, and the step between bytes and Unicode:
 * inside the core a string holds one byte per character (latin1), so that what nobody touches leaves as it came.
 */
import { isUtf8 } from 'node:buffer'

const TOKEN = 1
const USER = 2
const PARAM = 4
const HOST = 8
const HEX = 16
const PASSWORD = 32
const VALUE = 64

const bits = new Uint8Array(256)

function mark(chars: string, bit: number): void {
  for (const char of chars) bits[char.charCodeAt(0)]! |= bit
}

const alphanum = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const unreserved = alphanum + "-_.!~*'()"
mark(alphanum + "-.!%*_+`'~", TOKEN)
mark(unreserved + '&=+$,;?/', USER)
mark(unreserved + '&=+$,', PASSWORD)
mark(unreserved + '[]/:&+$', PARAM)
// UTF-8 and `=` beside the grammar's: they are in use.
mark(unreserved + '[]/:&+$=', VALUE)
for (let code = 0x80; code <= 0xff; code++) bits[code]! |= VALUE
mark(alphanum + '-._', HOST)
mark('0123456789abcdefABCDEF', HEX)

/** Where the token that starts at `start` ends; `start` when there is none. */
export function tokenEnd(text: string, start: number): number {
  let i = start
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0xff || (bits[code]! & TOKEN) === 0) break
  }
  return i
}

function every(text: string, start: number, end: number, bit: number): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code > 0xff || (bits[code]! & bit) === 0) return false
  }
  return end > start
}

export function isToken(text: string, start = 0, end = text.length): boolean {
  return every(text, start, end, TOKEN)
}

const reference = /^\[[0-9a-fA-F:.]+(%[0-9A-Za-z]+)?\]/

/**
 * Where the host that starts at `start` ends; `start` when there is none. RFC 3261 §25.1 hostname characters, or an IPv6 reference in brackets. `_` is
 * let through: names with it are in use.
 */
export function endOfHost(text: string, start: number, end: number): number {
  if (text.charCodeAt(start) === 0x5b) return start + (reference.exec(text.slice(start, end))?.[0].length ?? 0)
  let i = start
  for (; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code > 0xff || (bits[code]! & HOST) === 0) break
  }
  return i
}

export function isDigits(text: string, start = 0, end = text.length): boolean {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x30 || code > 0x39) return false
  }
  return end > start
}

/** What digits say; undefined for anything else. V8's own way from text to number is a call into its runtime. */
export function numberAt(text: string, start = 0, end = text.length): number | undefined {
  let number = 0
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x30 || code > 0x39) return undefined
    number = number * 10 + code - 0x30
  }
  return end > start ? number : undefined
}

/** Where what is well-formed for the part of a URI ends: allowed characters and `%HH`. */
function endOfPart(text: string, bit: number, start: number, end: number): number {
  let i = start
  for (; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x25) {
      if (i + 2 >= end || !every(text, i + 1, i + 3, HEX)) return i
      i += 2
    } else if (code > 0xff || (bits[code]! & bit) === 0) {
      return i
    }
  }
  return i
}

export function isUserPart(text: string, start = 0, end = text.length): boolean {
  return endOfPart(text, USER, start, end) === end
}

export function isPasswordPart(text: string, start = 0, end = text.length): boolean {
  return endOfPart(text, PASSWORD, start, end) === end
}

export function endOfParamName(text: string, start: number, end: number): number {
  return endOfPart(text, PARAM, start, end)
}

export function endOfParamValue(text: string, start: number, end: number): number {
  return endOfPart(text, VALUE, start, end)
}

function escape(text: string, bit: number): string {
  if (every(text, 0, text.length, bit)) return text
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    out += (bits[code & 0xff]! & bit) !== 0 ? text[i] : '%' + code.toString(16).toUpperCase().padStart(2, '0')
  }
  return out
}

/** Escapes what may not stand in a user part (or a password, or a parameter) as `%HH`. Takes bytes, gives bytes. */
export const escapeUser = (text: string): string => escape(text, USER)
export const escapePassword = (text: string): string => escape(text, PASSWORD)
export const escapeParam = (text: string): string => escape(text, PARAM)

/** Undoes `%HH`; what is not an escape stays. */
export function unescape(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
}

const beyondAscii = /[\x80-\uffff]/

export function isAscii(text: string): boolean {
  return !beyondAscii.test(text)
}

/** Bytes to what a route reads. Bytes that are no UTF-8 are shown as latin1. */
export function toUnicode(bytes: string): string {
  if (!beyondAscii.test(bytes)) return bytes
  const buffer = Buffer.from(bytes, 'latin1')
  return isUtf8(buffer) ? buffer.toString('utf8') : bytes
}

/** What a route writes to bytes. */
export function toBytes(text: string): string {
  return beyondAscii.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text
}

/**
 * The same text in memory of its own. V8 joins and cuts strings by pointing at what they were made of: who keeps a few letters of a datagram for
 * long keeps the datagram. Reading a letter of a joined text writes it out.
 */
export function flat(joined: string): string {
  joined.charCodeAt(0)
  return joined
}

/** Likewise of a text that was cut out of another one: joined anew, it is written out, and cut out of nothing larger. */
export function apart(cut: string): string {
  return (' ' + cut).slice(1)
}

/** A text that is looked for with `standsAt`: of strings V8 asks for each letter what kind of string it stands in. */
export function codesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0))
}

/** Whether `what` stands there. Of `startsWith` V8 makes a call, which takes several times as long. */
export function standsAt(text: string, at: number, what: Uint8Array): boolean {
  if (at + what.length > text.length) return false
  for (let i = 0; i < what.length; i++) if (text.charCodeAt(at + i) !== what[i]) return false
  return true
}

/** CR, LF or NUL: what would end a header early (RFC 3261 §7.3). */
export function breaksLine(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x0d || code === 0x0a || code === 0) return true
  }
  return false
}

export function quote(text: string): string {
  const escaped = text.includes('"') || text.includes('\\') ? text.replace(/["\\]/g, '\\$&') : text
  return '"' + escaped + '"'
}

/** The inside of a quoted string that starts at `start`, without its escapes, and where it ends. */
export function unquoteAt(text: string, start: number): { value: string; end: number } | undefined {
  let from = start + 1
  let value = ''
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) return { value: value + text.slice(from, i), end: i + 1 }
    if (code === 0x5c) {
      if (i + 1 >= text.length) return undefined
      value += text.slice(from, i)
      from = ++i
    }
  }
  return undefined
}

/** What stands there without surrounding blanks and folds. Returns the text itself when that is all of it. */
export function trim(text: string, from = 0, to = text.length): string {
  let start = from
  let end = to
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

/** SP, HT, and the CR LF of a fold. */
export function isBlank(code: number): boolean {
  return code <= 0x20 && (code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a)
}

/**
 * A folded value on one line: a fold and the blanks around it are one SP (RFC 3261 §7.3.1). By hand, since a regex that looks for
 * blanks before a fold takes seconds over a datagram of blanks.
 */
export function unfold(value: string): string {
  let fold = value.indexOf('\r\n')
  if (fold < 0) return value
  let out = ''
  let from = 0
  while (fold >= 0) {
    let before = fold
    let after = fold + 2
    while (before > from && isBlank(value.charCodeAt(before - 1))) before--
    while (after < value.length && isBlank(value.charCodeAt(after))) after++
    out += value.slice(from, before) + ' '
    from = after
    fold = value.indexOf('\r\n', from)
  }
  return out + value.slice(from)
}

/** Splits at `separator` where it stands outside quotes and angle brackets. Parts are trimmed. */
export function splitOutside(text: string, separator: ',' | ';'): string[] {
  if (!text.includes(separator)) return [trim(text)]
  const parts: string[] = []
  for (let from = 0; from <= text.length;) {
    const end = endOutside(text, from, separator)
    parts.push(trim(text.slice(from, end)))
    from = end + 1
  }
  return parts
}

/** Where the part that begins at `from`, itself outside of quotes and angle brackets, ends: at `separator` outside of them, or at `to`. */
export function endOutside(text: string, from: number, separator: ',' | ';', to = text.length): number {
  const wanted = separator.charCodeAt(0)
  let inAngles = false
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22 && !inAngles) i = endOfQuote(text, i)
    else if (code === 0x3c) inAngles = true
    else if (code === 0x3e) inAngles = false
    else if (code === wanted && !inAngles) return i
  }
  return to
}

/** The index of the closing quote, or the text's length when it is missing. */
export function endOfQuote(text: string, open: number): number {
  for (let i = open + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x5c) i++
    else if (code === 0x22) return i
  }
  return text.length
}
