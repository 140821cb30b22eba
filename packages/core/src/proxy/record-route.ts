/**
 * Our own Record-Route URI, and what it brings back in the Route of later requests: `cs` is how far the CSeq was raised towards the
 * callee while the dialog was made, `ftag` the caller's tag, which tells the two directions apart. The parameter is plain: who alters
 * it spoils only his own call.
 */
import { escapeParam, isDigits, unescape } from '../message/chars.ts'
import { paramAt } from '../message/params.ts'
import { MAX_CSEQ } from '../message/cseq.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { Carried } from '../message/replaced.ts'

/** What goes into Record-Route (RFC 3261 §16.6 step 4). `carried` is of `identity/`. */
export function recordRoute(sentBy: string, shift: number, callerTag: string, carried?: Carried): string {
  const tag = carried?.callerTag ?? callerTag
  const offset = shift === 0 ? '' : ';cs=' + shift
  const ftag = shift === 0 && carried === undefined ? '' : ';ftag=' + escapeParam(tag)
  return '<sip:' + sentBy + ';lr' + offset + ftag + (carried?.params ?? '') + '>'
}

/** The CSeq offset that a request with a Route of this URI is owed: 0 from the callee's side, and for anything unreadable. */
export function shiftOf(uri: string, fromTag: string): number {
  const semicolon = uri.indexOf(';')
  const offset = semicolon < 0 ? undefined : paramAt(uri, semicolon, 'cs')
  if (offset === undefined || !isDigits(offset) || offset.length > 6) return 0
  const callerTag = unescape(paramAt(uri, semicolon, 'ftag') ?? '')
  return callerTag === fromTag ? Number(offset) : 0
}

/** The same of a URI that says `lr`, perhaps the offset, and no more, as most do; undefined for any other. */
export function offsetAlone(uri: string, fromTag: string): number | undefined {
  if (uri.indexOf(';') === uri.length - 3) return 0
  const [, offset, callerTag] = offsetUri.exec(uri) ?? []
  if (offset === undefined) return undefined
  return callerTag === fromTag ? Number(offset) : 0
}

/** A tag without escapes. */
const offsetUri = /^[^;]*;lr;cs=(\d{1,6});ftag=([\w.!~*+-]*)$/

/** RFC 3262 §7.2: RAck names the CSeq of the INVITE as the callee saw it. `shiftOf` says how far that was raised. */
export function raiseRAck(request: Message, shiftOf: (cseq: number) => number): void {
  const parts = /^(\d+\s+)(\d+)(\s+INVITE)$/i.exec(request.value(H.RAck) ?? '')
  if (parts === null) return
  const invite = Number(parts[2])
  const shift = shiftOf(invite)
  if (shift !== 0) request.put(H.RAck, parts[1]! + raised(invite, shift) + parts[3]!)
}

/** A CSeq raised by an offset; the number as it is where the sum would leave the range (RFC 3261 §8.1.1.5). */
export function raised(cseq: number, shift: number): number {
  return cseq + shift > MAX_CSEQ ? cseq : cseq + shift
}
