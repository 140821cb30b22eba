/**
 * Which worker a datagram belongs to, where several share an address (docs/workers.md): all of a call to one of them, whoever received it. Asked of
 * every datagram before it is read, so it looks at bytes and makes nothing. What it finds in a message that `parse.ts` accepts is what `parse.ts` finds.
 */
import { isBlank } from './chars.ts'
import { MAGIC_COOKIE } from './via.ts'

/**
 * A number below `workers`; undefined where nothing says whose it is, which is never a message that gets further than a 400. A response belongs to
 * the worker that sent the request, a REGISTER to the one that keeps the location, all else to whom the Call-ID says.
 */
export function ownerOf(bytes: Uint8Array, workers: number): number | undefined {
  let at = 0
  while (bytes[at] === CR || bytes[at] === LF) at++
  const isResponse = startsWith(bytes, at, 'sip/')
  if (!isResponse && isRegister(bytes, at)) return 0
  return ownerByFields(bytes, endOfField(bytes, at), workers, isResponse)
}

/** Whom a call with this Call-ID belongs to. The same in every process and version: hash and mixing are not to be changed. */
export function ownerOfCall(callId: string, workers: number): number {
  let hash = FNV_OFFSET
  for (let i = 0; i < callId.length; i++) hash = mix(hash, callId.charCodeAt(i))
  return spread(hash, workers)
}

/** Stands behind what is random in a branch, where the worker is to be found again. No hexadecimal number has a `w`. */
export function workerMark(worker: number): string {
  return 'w' + worker
}

function ownerByFields(bytes: Uint8Array, from: number, workers: number, isResponse: boolean): number | undefined {
  let byCallId: number | undefined
  let wantsCallId = true
  let wantsVia = isResponse
  for (let at = from; (wantsCallId || wantsVia) && !isEnd(bytes, at); at = endOfField(bytes, at)) {
    const letter = bytes[at]! | CASE
    if (wantsCallId && (letter === C || letter === I)) {
      const colon = colonBehind(bytes, at, 'call-id', I)
      if (colon < 0) continue
      wantsCallId = false
      byCallId = ownerByCallId(bytes, colon + 1, workers)
    } else if (wantsVia && letter === V) {
      const colon = colonBehind(bytes, at, 'via', V)
      if (colon < 0) continue
      // Ours is the first one.
      wantsVia = false
      const worker = workerOfBranch(bytes, colon + 1)
      // A number that is too high: there were more workers before a restart.
      if (worker < workers) return worker
    }
  }
  return byCallId
}

/** Of the head. */
function isEnd(bytes: Uint8Array, at: number): boolean {
  return at >= bytes.length || bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF)
}

function isRegister(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < REGISTER.length; i++) if (bytes[at + i] !== REGISTER.charCodeAt(i)) return false
  return true
}

/** `lower` has no capitals. */
function startsWith(bytes: Uint8Array, at: number, lower: string): boolean {
  for (let i = 0; i < lower.length; i++) {
    const byte = bytes[at + i]!
    const folded = byte >= 0x41 && byte <= 0x5a ? byte | CASE : byte
    if (folded !== lower.charCodeAt(i)) return false
  }
  return true
}

/** Where the next field begins: behind a LF that no blank follows (RFC 3261 §7.3.1). */
function endOfField(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length && !(bytes[at] === LF && !isFold(bytes, at))) at++
  return at + 1
}

function isFold(bytes: Uint8Array, lineFeed: number): boolean {
  const next = bytes[lineFeed + 1]
  return next === SP || next === HT
}

/** Where the colon of the field stands, if it is named so, or so in its compact form; else -1. */
function colonBehind(bytes: Uint8Array, at: number, name: string, compact: number): number {
  let colon = at + (startsWith(bytes, at, name) ? name.length : 1)
  if (colon === at + 1 && (bytes[at]! | CASE) !== compact) return -1
  for (; bytes[colon] !== COLON; colon++) {
    const byte = bytes[colon]
    if (byte === undefined || !isBlank(byte) || (byte === LF && !isFold(bytes, colon))) return -1
  }
  return colon
}

/** Blanks do not count: a fold may come and go on the way. */
function ownerByCallId(bytes: Uint8Array, valueAt: number, workers: number): number | undefined {
  let hash = FNV_OFFSET
  let isEmpty = true
  for (let at = valueAt; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte === LF && !isFold(bytes, at)) break
    if (isBlank(byte)) continue
    hash = mix(hash, byte)
    isEmpty = false
  }
  return isEmpty ? undefined : spread(hash, workers)
}

/** The number behind the `w` of `z9hG4bKa1b2w3.…`; Infinity where there is none. */
function workerOfBranch(bytes: Uint8Array, valueAt: number): number {
  let at = afterCookie(bytes, valueAt)
  let worker = Infinity
  for (; at < bytes.length && bytes[at] !== DOT; at++) {
    const byte = bytes[at]!
    if (byte === W) worker = 0
    else if (byte >= 0x30 && byte <= 0x39) worker = worker * 10 + byte - 0x30
    else if (byte >= 0x61 && byte <= 0x7a) worker = Infinity
    else return Infinity
  }
  return bytes[at] === DOT && bytes[at - 1] !== W ? worker : Infinity
}

/** Of the first value of the field; else the end of all bytes. */
function afterCookie(bytes: Uint8Array, valueAt: number): number {
  for (let at = valueAt; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte === COMMA || (byte === LF && !isFold(bytes, at))) break
    if (byte !== Z) continue
    let length = 1
    while (length < MAGIC_COOKIE.length && bytes[at + length] === MAGIC_COOKIE.charCodeAt(length)) length++
    if (length === MAGIC_COOKIE.length) return at + length
  }
  return bytes.length
}

/** FNV-1a, 32 bits. */
function mix(hash: number, code: number): number {
  return isBlank(code) ? hash : Math.imul(hash ^ code, FNV_PRIME)
}

/** The low bits of FNV-1a alone would be those of the characters. */
function spread(hash: number, workers: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return ((mixed ^ (mixed >>> 16)) >>> 0) % workers
}

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

const REGISTER = 'REGISTER '
const HT = 0x09
const LF = 0x0a
const CR = 0x0d
const SP = 0x20
const COMMA = 0x2c
const DOT = 0x2e
const COLON = 0x3a
const C = 0x63
const I = 0x69
const V = 0x76
const W = 0x77
const Z = 0x7a
/** Of a letter: set, it is a small one. */
const CASE = 0x20
