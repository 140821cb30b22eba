/**
 * WWW-Authenticate and Proxy-Authenticate read (RFC 3261 §20.44, RFC 7616 §3.3). A carrier may send several challenges, in several
 * headers or joined by commas, of schemes nobody knows. What cannot be read is skipped: the parser gives what it could and
 * never throws.
 */
import { isBlank, isToken, unquoteAt } from '../message/chars.ts'

export interface Challenge {
  /** In lower case: `digest`, `basic` … */
  readonly scheme: string
  /** Names in lower case, values without quotes and escapes. The first of a name counts. */
  readonly params: ReadonlyMap<string, string>
}

export function readChallenges(value: string): Challenge[] {
  const challenges: { scheme: string; params: Map<string, string> }[] = []
  const reader = new Reader(value)
  while (!reader.atEnd()) {
    const item = reader.item()
    if (item === undefined) reader.skipToComma()
    else if (item.value !== undefined) addParam(challenges.at(-1)?.params, item.name, item.value)
    else if (!continuesQop(challenges.at(-1)?.params, item.name))
      challenges.push({ scheme: item.name, params: new Map() })
  }
  return challenges
}

/** `qop=auth,auth-int` without its quotes: no scheme is called so. */
function continuesQop(params: Map<string, string> | undefined, name: string): boolean {
  const qop = params?.get('qop')
  if (qop === undefined || (name !== 'auth' && name !== 'auth-int')) return false
  params!.set('qop', qop + ',' + name)
  return true
}

function addParam(params: Map<string, string> | undefined, name: string, value: string): void {
  if (params !== undefined && !params.has(name)) params.set(name, value)
}

/** A scheme has no value; a parameter has one. */
interface Item {
  name: string
  value: string | undefined
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Skips blanks and commas. */
  atEnd(): boolean {
    while (this.#at < this.#text.length && (this.#isBlank() || this.#text[this.#at] === ',')) this.#at++
    return this.#at >= this.#text.length
  }

  /** The next scheme or parameter, undefined when what stands there is neither. */
  item(): Item | undefined {
    const name = this.#token()
    if (name === '') return undefined
    this.#blanks()
    if (this.#text[this.#at] !== '=') return { name, value: undefined }
    this.#at++
    this.#blanks()
    const value = this.#value()
    return value === undefined ? undefined : { name, value }
  }

  skipToComma(): void {
    const comma = this.#text.indexOf(',', this.#at)
    this.#at = comma < 0 ? this.#text.length : comma + 1
  }

  #token(): string {
    const start = this.#at
    while (this.#at < this.#text.length && isToken(this.#text, this.#at, this.#at + 1)) this.#at++
    return this.#text.slice(start, this.#at).toLowerCase()
  }

  /** A quoted string, or anything up to a comma: unquoted realms are in use. */
  #value(): string | undefined {
    if (this.#text[this.#at] === '"') {
      const quoted = unquoteAt(this.#text, this.#at)
      if (quoted !== undefined) this.#at = quoted.end
      return quoted?.value
    }
    const comma = this.#text.indexOf(',', this.#at)
    const end = comma < 0 ? this.#text.length : comma
    const value = this.#text.slice(this.#at, end).trim()
    this.#at = end
    return value
  }

  #blanks(): void {
    while (this.#at < this.#text.length && this.#isBlank()) this.#at++
  }

  #isBlank(): boolean {
    return isBlank(this.#text.charCodeAt(this.#at))
  }
}
