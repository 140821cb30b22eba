/** One Via value (RFC 3261 §20.42) and the parameters that a server adds to it (§18.2.1, RFC 3581). */
import { isBlank, isToken, trim, unfold } from './chars.ts'
import { endsInQuote, nextSemicolon, replaceParam, sameName, valueOf } from './params.ts'
import { readHostPort } from './uri.ts'

export interface Via {
  /** The whole value, on one line. */
  readonly bytes: string
  /** `UDP`, `TCP` … in upper case. */
  readonly transport: string
  readonly host: string
  readonly port: number | undefined
  /** '' when absent. */
  readonly branch: string
  /** `undefined` when absent, '' when asked for and not filled in yet (RFC 3581 §3). */
  readonly rport: string | undefined
  readonly received: string | undefined
  /** Whether a parameter is missing between its semicolons: such a Via is broken, though a response finds its way by it. */
  readonly lacksParam: boolean
}

/** RFC 3261 §8.1.1.7: what a branch made by this RFC begins with. */
export const MAGIC_COOKIE = 'z9hG4bK'

const usual = /^SIP\/2\.0\/([A-Za-z0-9-]+)[ \t]+/

/** Blanks around the slashes, and any version: a request of SIP/7.0 says so in its Via too, and is to be answered with 505. */
const spaced = /^SIP[ \t]*\/[ \t]*[\w.!%*+`'~-]+[ \t]*\/[ \t]*([^ \t/]+)[ \t]+/i

export function parseVia(value: string): Via | undefined {
  const bytes = trim(unfold(value))
  const prefix = sentProtocol(bytes)
  if (prefix === undefined) return undefined
  const semicolon = bytes.indexOf(';', prefix.end)
  const end = semicolon < 0 ? bytes.length : semicolon
  const sentBy = readHostPort(withoutBlanks(bytes.slice(prefix.end, end)))
  if (sentBy === undefined || (semicolon >= 0 && endsInQuote(bytes, semicolon))) return undefined
  return new ParsedVia(bytes, prefix.transport, sentBy.host, sentBy.port, end)
}

/** Its parameters are gone through once, since every request is asked for all of them. */
class ParsedVia implements Via {
  readonly bytes: string
  readonly transport: string
  readonly host: string
  readonly port: number | undefined
  readonly branch: string
  readonly rport: string | undefined
  readonly received: string | undefined
  readonly lacksParam: boolean

  constructor(bytes: string, transport: string, host: string, port: number | undefined, paramsAt: number) {
    this.bytes = bytes
    this.transport = transport
    this.host = host
    this.port = port
    let branch: string | undefined
    let rport: string | undefined
    let received: string | undefined
    let lacksParam = false
    for (let semicolon = paramsAt; semicolon < bytes.length;) {
      const next = nextSemicolon(bytes, semicolon + 1, bytes.length)
      let start = semicolon + 1
      while (start < next && isBlank(bytes.charCodeAt(start))) start++
      if (start === next) lacksParam = true
      else if (sameName(bytes, start, next, 'branch')) branch ??= valueOf(bytes, start + 6, next)
      else if (sameName(bytes, start, next, 'rport')) rport ??= valueOf(bytes, start + 5, next)
      else if (sameName(bytes, start, next, 'received')) received ??= valueOf(bytes, start + 8, next)
      semicolon = next
    }
    this.branch = branch ?? ''
    this.rport = rport
    this.received = received
    this.lacksParam = lacksParam
  }
}

function sentProtocol(bytes: string): { transport: string; end: number } | undefined {
  if (bytes.startsWith('SIP/2.0/UDP ')) return { transport: 'UDP', end: 12 }
  const match = usual.exec(bytes) ?? spaced.exec(bytes)
  if (match === null || !isToken(match[1]!)) return undefined
  return { transport: match[1]!.toUpperCase(), end: match[0].length }
}

/** Blanks may stand around the colon of sent-by. */
function withoutBlanks(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (!isBlank(text.charCodeAt(i))) continue
    const colon = text.lastIndexOf(':')
    return colon < 0 ? trim(text) : trim(text.slice(0, colon)) + ':' + trim(text.slice(colon + 1))
  }
  return text
}

/**
 * RFC 3261 §18.2.1: `received` when sent-by is not the source's address. RFC 3581 §4: with `rport`, both are filled in. A `received`
 * that the sender wrote goes: it would lead the response elsewhere. Returns undefined when nothing is to be changed.
 */
export function stampReceived(via: Via, address: string, port: number): string | undefined {
  const bare = via.host.charCodeAt(0) === 0x5b ? via.host.slice(1, -1) : via.host
  const cleaned = via.received === undefined ? via.bytes : setParam(via.bytes, 'received', '')
  if (via.rport !== undefined) return setParam(cleaned, 'rport', ';rport=' + port) + ';received=' + address
  if (bare !== address) return cleaned + ';received=' + address
  return via.received === undefined ? undefined : cleaned
}

function setParam(bytes: string, name: string, by: string): string {
  return replaceParam(bytes, bytes.indexOf(';'), name, by)
}
