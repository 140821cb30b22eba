/**
 * name-addr and addr-spec with header parameters (RFC 3261 §20.10, §25.1): From, To, Contact, Route, Record-Route. The places of
 * the URI and of the parameters are found first; the URI is read when somebody asks.
 */
import type { Address as AddressType } from '@signalbox/dsl'
import { endOfQuote, isBlank, isToken, toBytes, tokenEnd, toUnicode, trim, unfold, unquoteAt } from './chars.ts'
import { endsInQuote, holdsQuote, paramAt, replaceParam } from './params.ts'
import { Uri } from './uri.ts'

export class Address implements AddressType {
  /** The whole value as bytes, on one line. */
  readonly bytes: string
  readonly #display: string
  readonly #uriText: string
  readonly #paramsAt: number
  #uri: Uri | undefined

  private constructor(bytes: string, display: string, uriText: string, paramsAt: number) {
    this.bytes = bytes
    this.#display = display
    this.#uriText = uriText
    this.#paramsAt = paramsAt
  }

  /** Reads one address. Undefined when the value is none; the URI inside is not looked at yet. */
  static parse(value: string): Address | undefined {
    const text = trim(unfold(value))
    if (text.includes('\n') || text.includes('\r')) return undefined
    const quoted = text.charCodeAt(0) === 0x22 ? unquoteAt(text, 0) : undefined
    if (text.charCodeAt(0) === 0x22 && quoted === undefined) return undefined
    const open = quoted ? text.indexOf('<', quoted.end) : bracketIn(text)
    if (open < 0) return quoted ? undefined : addrSpec(text, (a, b) => new Address(text, '', a, b))
    const close = text.indexOf('>', open)
    if (close < 0) return undefined
    const display = quoted ? quoted.value : trim(text.slice(0, open))
    if (quoted ? trim(text.slice(quoted.end, open)) !== '' : !isDisplay(display)) return undefined
    if (!paramsFollow(text, close + 1) || endsInQuote(text, close)) return undefined
    return new Address(text, display, trim(text.slice(open + 1, close)), text.indexOf(';', close))
  }

  get display(): string {
    return toUnicode(this.#display)
  }

  /** Throws nothing: a URI that cannot be read makes the address invalid, see `isValid`. */
  get uri(): Uri {
    this.#uri ??= Uri.parse(this.#uriText)
    return this.#uri ?? unreadable
  }

  /** The URI's bytes as they stand between the brackets. */
  get uriBytes(): string {
    return this.#uriText
  }

  get isValid(): boolean {
    return this.uri !== unreadable
  }

  get tag(): string {
    return this.rawParam('tag') ?? ''
  }

  param(name: string): string | undefined {
    const value = this.rawParam(toBytes(name).toLowerCase())
    if (value === undefined) return undefined
    return toUnicode(value.startsWith('"') ? (unquoteAt(value, 0)?.value ?? value) : value)
  }

  /** The header parameter as it stands; `name` in lower case. */
  rawParam(name: string): string | undefined {
    return this.#paramsAt < 0 ? undefined : paramAt(this.bytes, this.#paramsAt, name)
  }

  toString(): string {
    return toUnicode(this.bytes)
  }

  toJSON(): string {
    return this.toString()
  }
}

/** Stands for a URI that could not be read, so that reading `address.uri.user` in a route is never a crash. */
const unreadable: Uri = Uri.parse('invalid:')!

/** Without brackets, whatever follows the first `;` belongs to the header, and `,` or `?` may not stand (§20.10). */
function addrSpec<T>(text: string, make: (uri: string, paramsAt: number) => T): T | undefined {
  const semicolon = text.indexOf(';')
  const uri = trim(semicolon < 0 ? text : text.slice(0, semicolon))
  if (uri === '' || uri.includes('?') || uri.includes(',')) return undefined
  if (semicolon >= 0 && endsInQuote(text, semicolon)) return undefined
  return make(uri, semicolon)
}

/** Where the URI's bracket stands in an address that begins without a quote, or -1: in the quotes of a parameter there may be others. */
function bracketIn(text: string): number {
  const open = text.indexOf('<')
  const semicolon = open < 0 ? -1 : text.indexOf(';')
  return semicolon >= 0 && semicolon < open && holdsQuote(text, semicolon, open) ? -1 : open
}

/** `*(token LWS)`, and UTF-8 beside it: phones send unquoted names with it. */
function isDisplay(text: string): boolean {
  return (
    text === '' || isToken(text) || text.split(/[ \t]+/).every((word) => isToken(word.replace(/[\x80-\xff]/g, '_')))
  )
}

function paramsFollow(text: string, from: number): boolean {
  let i = from
  while (i < text.length && isBlank(text.charCodeAt(i))) i++
  return i === text.length || text.charCodeAt(i) === 0x3b
}

/**
 * The tag of what stands there, '' without one, where that is an address by its first look: `<uri>;params` or `name <uri>;params`, without quotes behind
 * the URI. Read in place.
 * Undefined: it is to be looked at closely.
 */
export function usualTag(text: string, start: number, end: number): string | undefined {
  let open = tokenEnd(text, start)
  while (open > start && text.charCodeAt(open) === 0x20) open++
  const close = text.charCodeAt(open) === 0x3c ? text.indexOf('>', open) : -1
  if (close < 0 || close >= end || holdsQuote(text, close, end)) return undefined
  const paramsAt = close + 1
  if (paramsAt < end && text.charCodeAt(paramsAt) !== 0x3b) return undefined
  return paramAt(text, paramsAt, 'tag', end, false) ?? ''
}

/** The value of the `tag` parameter of a From or To, without reading the rest. '' when there is none. */
export function tagOf(value: string): string {
  const semicolon = paramsOf(value)
  return semicolon < 0 ? '' : (paramAt(value, semicolon, 'tag') ?? '')
}

/** A From or To without a tag, given one. A `tag` that says nothing goes: it would be found first. */
export function withTag(value: string, tag: string): string {
  const semicolon = paramsOf(value)
  return (semicolon < 0 ? value : replaceParam(value, semicolon, 'tag', '')) + ';tag=' + tag
}

/** Where the parameters of the header begin, or -1. */
function paramsOf(value: string): number {
  const open = value.charCodeAt(0) === 0x22 ? value.indexOf('<', endOfQuote(value, 0)) : bracketIn(value)
  const close = open < 0 ? 0 : value.indexOf('>', open)
  return close < 0 ? -1 : value.indexOf(';', close)
}
