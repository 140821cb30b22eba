/** RFC 3261 §20.16: a number below 2³¹ and a method. */
import { isDigits, isToken, numberAt, trim, unfold } from './chars.ts'
import { methodAt } from './methods.ts'

export interface CSeq {
  readonly number: number
  readonly method: string
}

export const MAX_CSEQ = 2 ** 31 - 1

export function readCSeq(value: string | undefined): CSeq | undefined {
  if (value === undefined) return undefined
  const text = value.includes('\t') || value.includes('\n') ? unfold(value).replace(/[ \t]+/g, ' ') : value
  const space = text.indexOf(' ')
  if (space <= 0 || space > 20 || !isDigits(text, 0, space)) return undefined
  const number = numberAt(text, 0, space)
  const rest = trim(text.slice(space + 1))
  const method = methodAt(rest, 0, rest.length)
  return number > MAX_CSEQ || !isToken(method) ? undefined : { number, method }
}
