/**
 * A From or To cut into what names somebody and what belongs to the dialog: the first part is replaced, the tag and all other header
 * parameters stay byte for byte. Everything here is bytes.
 */
import { endOfQuote, isBlank, isToken, quote, trim, unfold } from '../message/chars.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { Party, Replacement } from '../message/replaced.ts'

interface Parts {
  /** The display name as it stands, with the blanks behind it. */
  readonly display: string
  readonly uri: string
  readonly hasBrackets: boolean
  /** The header parameters and the blanks before them. */
  readonly tail: string
}

export const headerOf = { from: H.From, to: H.To } as const

/** Display name and URI as they stand, brackets included; undefined when the value is no address. */
export function nameAddrOf(value: string): string | undefined {
  const text = trim(unfold(value))
  const parts = partsOf(text)
  return parts && text.slice(0, text.length - parts.tail.length)
}

/** The URI between the brackets, or as it stands without them. */
export function uriOf(value: string): string | undefined {
  return partsOf(trim(unfold(value)))?.uri
}

/** `value` with another name and URI in front of its own parameters. */
export function withNameAddr(value: string, nameAddr: string): string {
  const parts = partsOf(trim(unfold(value)))
  return parts === undefined ? value : nameAddr + parts.tail
}

/** What `replacement` makes of a name-addr. */
export function edited(nameAddr: string, { base = nameAddr, display, uri }: Replacement): string {
  const parts = partsOf(base)
  if (parts === undefined) return base
  const to = uri ?? parts.uri
  if (display) return displayOf(display) + ' <' + to + '>'
  // RFC 3261 §20.10: without brackets what follows a semicolon would be the header's.
  if (!parts.hasBrackets && !/[;,?]/.test(to)) return to
  return (display === undefined ? parts.display : '') + '<' + to + '>'
}

/** Puts what `replaced` says into the message. Says what stood and stands there now, where that differs. */
export function putReplacement(message: Message, party: Party): { before: string; after: string } | undefined {
  const replacement = message.replaced?.[party]
  const value = replacement && message.value(headerOf[party])
  const before = value && nameAddrOf(value)
  if (before === undefined || before === '') return undefined
  const after = edited(before, replacement!)
  if (after === before) return undefined
  message.put(headerOf[party], withNameAddr(value!, after))
  return { before, after }
}

/** RFC 3261 §25.1: `*(token LWS) / quoted-string`. */
function displayOf(display: string): string {
  return display.split(' ').every((word) => isToken(word)) ? display : quote(display)
}

function partsOf(text: string): Parts | undefined {
  const isQuoted = text.charCodeAt(0) === 0x22
  const open = text.indexOf('<', isQuoted ? endOfQuote(text, 0) : 0)
  if (open < 0) return isQuoted ? undefined : bareParts(text)
  // A bracket in a parameter is none of the URI's.
  if (!isQuoted && text.lastIndexOf(';', open) >= 0) return bareParts(text)
  const close = text.indexOf('>', open)
  if (close < 0) return undefined
  const uri = trim(text.slice(open + 1, close))
  return { display: text.slice(0, open), uri, hasBrackets: true, tail: text.slice(close + 1) }
}

function bareParts(text: string): Parts {
  const semicolon = text.indexOf(';')
  let end = semicolon < 0 ? text.length : semicolon
  while (end > 0 && isBlank(text.charCodeAt(end - 1))) end--
  return { display: '', uri: text.slice(0, end), hasBrackets: false, tail: text.slice(end) }
}
