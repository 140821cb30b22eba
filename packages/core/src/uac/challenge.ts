/**
 * WWW-Authenticate and Proxy-Authenticate read (RFC 3261 §20.44, RFC 7616 §3.3). A carrier may send several challenges, in several
 * headers or joined by commas, of schemes nobody knows. What cannot be read is skipped: the parser gives what it could and
 * never throws.
 */
import { isBlank, tokenEnd, unquoteAt } from '../message/chars.ts'

export interface Challenge {
  /** In lower case: `digest`, `basic` … */
  readonly scheme: string
  /** Names in lower case, values without quotes and escapes. The first of a name counts. */
  readonly params: ReadonlyMap<string, string>
}

export function readChallenges(value: string): Challenge[] {
  const challenges: Challenge[] = []
  const reader = new Reader(value)
  let params: Map<string, string> | undefined
  while (!reader.atEnd()) {
    if (!reader.takeItem()) reader.skipToComma()
    else if (reader.value !== undefined) addParam(params, reader.name, reader.value)
    else if (!continuesQop(params, reader.name)) {
      params = new Map()
      challenges.push({ scheme: reader.name, params })
    }
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

const [QUOTE, COMMA, EQUALS] = [0x22, 0x2c, 0x3d]

class Reader {
  /** Of what was taken last. A scheme has no value; a parameter has one. */
  name = ''
  value: string | undefined = undefined
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Skips blanks and commas. */
  atEnd(): boolean {
    const text = this.#text
    for (let at = this.#at; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (isBlank(code) || code === COMMA) continue
      this.#at = at
      return false
    }
    return true
  }

  /** Takes the next scheme or parameter. Says whether what stands there is one. */
  takeItem(): boolean {
    const text = this.#text
    const end = tokenEnd(text, this.#at)
    if (end === this.#at) return false
    this.name = text.slice(this.#at, end).toLowerCase()
    this.value = undefined
    this.#at = this.#behindBlanks(end)
    if (text.charCodeAt(this.#at) !== EQUALS) return true
    this.#at = this.#behindBlanks(this.#at + 1)
    this.value = this.#value()
    return this.value !== undefined
  }

  skipToComma(): void {
    const comma = this.#text.indexOf(',', this.#at)
    this.#at = comma < 0 ? this.#text.length : comma + 1
  }

  /** A quoted string, or anything up to a comma: unquoted realms are in use. */
  #value(): string | undefined {
    if (this.#text.charCodeAt(this.#at) === QUOTE) {
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

  #behindBlanks(at: number): number {
    let i = at
    while (i < this.#text.length && isBlank(this.#text.charCodeAt(i))) i++
    return i
  }
}
