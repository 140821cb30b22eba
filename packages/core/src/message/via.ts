/** One Via value (RFC 3261 §20.42) and the parameters that a server adds to it (§18.2.1, RFC 3581). */
import { codesOf, isBlank, isToken, standsAt, trim, unfold } from './chars.ts'
import { endsInQuote, holdsQuote, nextSemicolon, replaceParam, sameName, valueOf } from './params.ts'
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

const USUAL = codesOf('SIP/2.0/UDP ')

/** The one value that stands there. Read in place: V8 is slow to look into what was cut out. */
export function parseVia(text: string, from = 0, to = text.length): Via | undefined {
  // One character is found faster than two.
  const fold = text.indexOf('\r', from)
  if (fold >= 0 && fold < to) {
    const line = unfold(text.slice(from, to))
    if (line.length < to - from) return parseVia(line)
  }
  let start = from
  let end = to
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  const protocol = standsAt(text, start, USUAL) ? usualProtocol : sentProtocol(text.slice(start, end))
  if (protocol === undefined) return undefined
  const hostAt = start + protocol.length
  const paramsAt = nextSemicolon(text, hostAt, end, false)
  const sentBy = readHostPort(text, hostAt, paramsAt) ?? readHostPort(withoutBlanks(text.slice(hostAt, paramsAt)))
  const isQuoted = holdsQuote(text, paramsAt, end)
  if (sentBy === undefined || (isQuoted && endsInQuote(text, paramsAt, end))) return undefined
  let branch: string | undefined
  let rport: string | undefined
  let received: string | undefined
  let lacksParam = false
  // Once, since every request is asked for all of them.
  for (let semicolon = paramsAt; semicolon < end;) {
    const next = nextSemicolon(text, semicolon + 1, end, isQuoted)
    let name = semicolon + 1
    while (name < next && isBlank(text.charCodeAt(name))) name++
    if (name === next) lacksParam = true
    else if (sameName(text, name, next, 'branch')) branch ??= valueOf(text, name + 6, next)
    else if (sameName(text, name, next, 'rport')) rport ??= valueOf(text, name + 5, next)
    else if (sameName(text, name, next, 'received')) received ??= valueOf(text, name + 8, next)
    semicolon = next
  }
  const { host, port } = sentBy
  const bytes = text.slice(start, end)
  return { bytes, transport: protocol.transport, host, port, branch: branch ?? '', rport, received, lacksParam }
}

interface Protocol {
  readonly transport: string
  /** With the blanks behind it. */
  readonly length: number
}

const usualProtocol: Protocol = { transport: 'UDP', length: USUAL.length }

function sentProtocol(bytes: string): Protocol | undefined {
  const match = usual.exec(bytes) ?? spaced.exec(bytes)
  if (match === null || !isToken(match[1]!)) return undefined
  return { transport: match[1]!.toUpperCase(), length: match[0].length }
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
