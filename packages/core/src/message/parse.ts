/**
 * Bytes to a message, in one pass over one latin1 string. Malformed input is a value with a code and an offset, never an exception:
 * noise from the network is an everyday thing. Only the frame is read here; `check.ts` looks at what the headers say.
 */
import { codesOf, isBlank, numberAt, standsAt, tokenEnd, trim } from './chars.ts'
import { Field } from './field.ts'
import { H, headerIdAt, isSingle, usualNameAt, type HeaderId } from './header-names.ts'
import { Message, type Source } from './message.ts'
import { methodAt } from './methods.ts'

export type MalformedCode =
  | 'empty'
  | 'too_large'
  | 'start_line'
  | 'version'
  | 'header_line'
  | 'too_many_headers'
  | 'header_too_long'
  | 'no_end'
  | 'control_character'
  | 'duplicate_header'
  | 'content_length'
  | 'truncated'

/**
 * What is wrong first, and where: an offset into the text, of which a head with lone LFs has been given CR LF. `message` is what could be
 * read of it, when the start line said what it is: enough for `isAnswerable` to look at.
 */
export interface Malformed {
  readonly code: MalformedCode
  readonly offset: number
  readonly message: Message | undefined
}

export interface Limits {
  /** Bytes of a whole message. */
  readonly size: number
  /** Header fields. */
  readonly headers: number
  /** Bytes of one header field, folds included. */
  readonly headerLength: number
}

export const defaultLimits: Limits = { size: 65_535, headers: 256, headerLength: 8_192 }

/** Reads one datagram. On a stream, frame first and hand in one message's bytes. */
export function parseMessage(bytes: Buffer, source?: Source, limits = defaultLimits): Message | Malformed {
  if (bytes.length <= limits.size) return parseText(bytes.toString('latin1'), source, limits)
  const start = parseText(bytes.toString('latin1', 0, limits.size), source, limits)
  return malformed('too_large', limits.size, isMalformed(start) ? start.message : start)
}

export function isMalformed(result: Message | Malformed): result is Malformed {
  return !(result instanceof Message)
}

const bareLineFeed = /\r?\n/g

export function parseText(text: string, source?: Source, limits = defaultLimits): Message | Malformed {
  // RFC 3261 §7.5: empty lines before the start line are skipped.
  let start = 0
  while (text.charCodeAt(start) === 0x0d && text.charCodeAt(start + 1) === 0x0a) start += 2
  if (start >= text.length) return malformed('empty', 0)
  const lineFeed = text.indexOf('\n', start)
  if (lineFeed < 0) return malformed('start_line', start)
  // DEVIATES RFC 3261 §7: a lone LF ends a line too, because hand-written and embedded clients send it. It leaves as CR LF.
  if (text.charCodeAt(lineFeed - 1) !== 0x0d) return parseText(withCrLf(text), source, limits)
  if (text.indexOf('\r', start) !== lineFeed - 1) return malformed('control_character', text.indexOf('\r', start))
  const fields: Field[] = []
  const line = startLine(text, start, lineFeed - 1, fields)
  const fault = isMalformed(line) ? line : undefined
  const message = isMalformed(line) ? line.message : line
  if (message === undefined) return line
  message.source = source
  return readFields(text, lineFeed + 1, message, fields, fault, limits)
}

/** The head with every line ended by CR LF; the body as it is. */
function withCrLf(datagram: string): string {
  const text = datagram.replace(/^[\r\n]+/, '')
  const end = /\r?\n\r?\n/.exec(text)
  const bodyAt = end === null ? text.length : end.index + end[0].length
  return text.slice(0, bodyAt).replace(bareLineFeed, '\r\n') + text.slice(bodyAt)
}

const SIP = codesOf('SIP')
const VERSION = codesOf('SIP/2.0')

/** A status line begins with `SIP/`, in any case (RFC 3261 §7.1); no method can, since `/` is in no token. */
function startLine(text: string, start: number, end: number, fields: Field[]): Message | Malformed {
  if (text.charCodeAt(start + 3) !== 0x2f) return requestLine(text, start, end, fields)
  const isStatus = standsAt(text, start, SIP) || text.slice(start, start + 3).toUpperCase() === 'SIP'
  return isStatus ? statusLine(text, start, end, fields) : requestLine(text, start, end, fields)
}

/**
 * RFC 3261 §7.1: Method SP Request-URI SP SIP-Version, single spaces. One that is broken behind its method is a request to be answered with 400 or 505,
 * all the same.
 */
function requestLine(text: string, start: number, end: number, fields: Field[]): Message | Malformed {
  const first = text.indexOf(' ', start)
  const method = first < 0 || first >= end ? undefined : methodAt(text, start, first)
  if (method === undefined) return malformed('start_line', start)
  const second = text.indexOf(' ', first + 1)
  const isExact = end - second === 8 && standsAt(text, second + 1, VERSION)
  if (second > first + 1 && second < end && (isExact || isSip20(text, second + 1, end))) {
    const message = Message.request(method, text.slice(first + 1, second), fields)
    message.cameIn(text, start, isExact ? end + 2 : start)
    return message
  }
  const other = /^([^ ]+) SIP\/\d+\.\d+$/i.exec(text.slice(first + 1, end))
  const requestUri = other?.[1] ?? trim(text.slice(first + 1, end))
  const message = Message.request(method, requestUri, fields)
  message.cameIn(text, start, start)
  return malformed(other === null ? 'start_line' : 'version', start, message)
}

/** RFC 3261 §7.2. The reason may be empty; its space may be missing, as many leave it out. */
function statusLine(text: string, start: number, end: number, fields: Field[]): Message | Malformed {
  const versionEnd = start + 7
  const isExact = standsAt(text, start, VERSION)
  if (text.charCodeAt(versionEnd) !== 0x20 || !(isExact || isSip20(text, start, versionEnd))) {
    return malformed('version', start)
  }
  const after = versionEnd + 4
  if (after > end || (after < end && text.charCodeAt(after) !== 0x20)) return malformed('start_line', start)
  const status = numberAt(text, versionEnd + 1, after)
  if (status === undefined || status < 100 || status > 699) return malformed('start_line', start)
  const message = Message.response(status, text.slice(Math.min(after + 1, end), end), fields)
  message.cameIn(text, start, isExact && after < end ? end + 2 : start)
  return message
}

/** In any case. */
function isSip20(text: string, start: number, end: number): boolean {
  return end - start === 7 && text.slice(start, end).toUpperCase() === 'SIP/2.0'
}

/** `fields` are the message's. `fault` is what is wrong with its start line; the first that is wrong is what counts. */
function readFields(
  text: string,
  from: number,
  message: Message,
  fields: Field[],
  fault: Malformed | undefined,
  limits: Limits,
): Message | Malformed {
  let broken = fault
  let singles = 0
  let at = from
  for (;;) {
    if (text.charCodeAt(at) === 0x0d && text.charCodeAt(at + 1) === 0x0a) break
    const end = endOfField(text, at)
    if (end === LONE_LF) return parseText(withCrLf(text), message.source, limits)
    // What follows cannot be told apart into fields.
    if (end === NO_END) return broken ?? malformed('no_end', at, message)
    if (end === LONE_CR) return broken ?? malformed('control_character', at, message)
    if (fields.length >= limits.headers) return broken ?? malformed('too_many_headers', at, message)
    if (end - at > limits.headerLength) return broken ?? malformed('header_too_long', at, message)
    const field = readField(text, at, end)
    if (field === undefined) broken ??= malformed('header_line', at, message)
    else {
      if (isSingle[field.id]) {
        const bit = 1 << field.id
        if ((singles & bit) !== 0) broken ??= malformed('duplicate_header', at, message)
        singles |= bit
      }
      fields.push(field)
    }
    at = end + 2
  }
  const nul = bareNul(text, at)
  if (nul >= 0) broken ??= malformed('control_character', nul, message)
  const bodyAt = at + 2
  const length = contentLength(message, text.length - bodyAt)
  if (typeof length === 'string') broken ??= malformed(length, fields[message.indexOf(H.ContentLength)]!.start, message)
  message.bodyStands(bodyAt, typeof length === 'string' ? text.length : bodyAt + length)
  return broken ?? message
}

const NO_END = -1
const LONE_LF = -2
const LONE_CR = -3

/** Where the field ends, continuation lines included (RFC 3261 §7.3.1). */
function endOfField(text: string, at: number): number {
  let from = at
  for (;;) {
    const end = text.indexOf('\r', from)
    const lineFeed = text.indexOf('\n', from)
    if (lineFeed < 0) return NO_END
    if (lineFeed !== end + 1) return end < 0 || lineFeed < end ? LONE_LF : LONE_CR
    const next = text.charCodeAt(lineFeed + 1)
    if (next !== 0x20 && next !== 0x09) return end
    from = lineFeed + 1
  }
}

/** `name HCOLON value`. */
function readField(text: string, start: number, end: number): Field | undefined {
  const usual = usualNameAt(text, start)
  if (usual !== undefined) return fieldBehind(start + usual.codes.length, usual.id, text, start, end)
  // No further than the token goes: a colon far behind the line is not looked for.
  const nameEnd = tokenEnd(text, start)
  // A fold is no part of HCOLON (RFC 3261 §25.1); behind a blank it is let through.
  if (nameEnd === start || text.charCodeAt(nameEnd) === 0x0d) return undefined
  let colon = nameEnd
  while (colon < end && isBlank(text.charCodeAt(colon))) colon++
  if (colon >= end || text.charCodeAt(colon) !== 0x3a) return undefined
  return fieldBehind(colon, headerIdAt(text, start, nameEnd), text, start, end)
}

function fieldBehind(colon: number, id: HeaderId, text: string, start: number, end: number): Field {
  let valueAt = colon + 1
  while (valueAt < end && isBlank(text.charCodeAt(valueAt))) valueAt++
  return new Field(id, text, start, valueAt, end)
}

/** Where a NUL stands in the head that is no quoted-pair (RFC 3261 §25.1 allows `\` NUL), or -1. */
function bareNul(text: string, headEnd: number): number {
  let at = text.indexOf('\0')
  while (at >= 0 && at < headEnd && text.charCodeAt(at - 1) === 0x5c) at = text.indexOf('\0', at + 1)
  return at < headEnd ? at : -1
}

/** RFC 3261 §18.3: without Content-Length the body ends with the datagram; too long a one is an error. */
function contentLength(message: Message, available: number): number | 'content_length' | 'truncated' {
  const value = message.value(H.ContentLength)
  if (value === undefined) return available
  const length = value.length > 9 ? undefined : numberAt(value)
  if (length === undefined) return 'content_length'
  return length > available ? 'truncated' : length
}

function malformed(code: MalformedCode, offset: number, message?: Message): Malformed {
  return { code, offset, message }
}
