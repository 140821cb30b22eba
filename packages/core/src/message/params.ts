/**
 * The `;name=value` parameters that follow URIs, addresses and Vias: looked up in place, since most are never asked for.
 * Offsets run over the text from the first `;`.
 */
import { isBlank, trim } from './chars.ts'

/**
 * The raw value of a parameter: `''` for one without a value, `undefined` when it is absent. `from` is where the parameters start.
 * A quoted value keeps its quotes. `isQuoted`: as of `nextSemicolon`.
 */
export function paramAt(
  text: string,
  from: number,
  name: string,
  end = text.length,
  isQuoted = holdsQuote(text, from, end),
): string | undefined {
  for (let semicolon = from; semicolon < end;) {
    const next = nextSemicolon(text, semicolon + 1, end, isQuoted)
    let start = semicolon + 1
    while (start < next && isBlank(text.charCodeAt(start))) start++
    if (sameName(text, start, next, name)) return valueOf(text, start + name.length, next)
    semicolon = next
  }
  return undefined
}

/**
 * The text with the first parameter of this name replaced by `by` (such as `;rport=5060`, or '' for nothing) and any others gone.
 */
export function replaceParam(text: string, from: number, name: string, by: string): string {
  let out = text.slice(0, from)
  let rest = by
  let i = from
  while (i < text.length) {
    const next = nextSemicolon(text, i + 1, text.length, true)
    let start = i + 1
    while (start < next && isBlank(text.charCodeAt(start))) start++
    if (sameName(text, start, next, name)) {
      out += rest
      rest = ''
    } else {
      out += text.slice(i, next)
    }
    i = next
  }
  return out
}

/** Whether a quote is left open: what is appended behind it would be swallowed. */
export function endsInQuote(text: string, from: number, end = text.length): boolean {
  let i = text.indexOf('"', from)
  while (i >= 0 && i < end) {
    const close = closingQuote(text, i, end)
    if (close === end) return true
    i = text.indexOf('"', close + 1)
  }
  return false
}

/** The raw value of a parameter whose name ends at `afterName`; '' when it has none. */
export function valueOf(text: string, afterName: number, end: number): string {
  let i = afterName
  while (i < end && isBlank(text.charCodeAt(i))) i++
  return text.charCodeAt(i) === 0x3d && i < end ? trim(text, i + 1, end) : ''
}

/** Whether `name` (lower case) stands at `start` and nothing but `=`, a blank or the end follows. */
export function sameName(text: string, start: number, end: number, name: string): boolean {
  const after = start + name.length
  if (after > end) return false
  for (let i = 0; i < name.length; i++) {
    let code = text.charCodeAt(start + i)
    if (code >= 0x41 && code <= 0x5a) code |= 0x20
    if (code !== name.charCodeAt(i)) return false
  }
  if (after === end) return true
  const code = text.charCodeAt(after)
  return code === 0x3d || isBlank(code)
}

export function holdsQuote(text: string, from: number, end: number): boolean {
  const quote = text.indexOf('"', from)
  return quote >= 0 && quote < end
}

/** `isQuoted`: there may be quotes, in which semicolons do not count. Without them V8 finds the next one faster than a look at each character. */
export function nextSemicolon(text: string, from: number, end: number, isQuoted: boolean): number {
  if (!isQuoted) {
    const semicolon = text.indexOf(';', from)
    return semicolon < 0 || semicolon > end ? end : semicolon
  }
  for (let i = from; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x3b) return i
    if (code === 0x22) i = closingQuote(text, i, end)
  }
  return end
}

function closingQuote(text: string, open: number, end: number): number {
  for (let i = open + 1; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x5c) i++
    else if (code === 0x22) return i
  }
  return end
}

/** Every parameter in order, names as written, values raw. */
export function allParams(text: string, from = 0): [name: string, value: string | undefined][] {
  const params: [string, string | undefined][] = []
  let i = from
  while (i < text.length) {
    const next = nextSemicolon(text, i + 1, text.length, true)
    const part = trim(text, i + 1, next)
    const equals = part.indexOf('=')
    if (equals >= 0) params.push([trim(part.slice(0, equals)), trim(part.slice(equals + 1))])
    else if (part !== '') params.push([part, undefined])
    i = next
  }
  return params
}
