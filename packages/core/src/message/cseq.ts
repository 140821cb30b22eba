/** RFC 3261 §20.16: a number below 2³¹ and a method. */
import { isBlank, isDigits, isToken, numberAt } from './chars.ts'
import { methodAt } from './methods.ts'

export interface CSeq {
  readonly number: number
  readonly method: string
}

export const MAX_CSEQ = 2 ** 31 - 1

/** The CSeq that stands there, without blanks around it. */
export function readCSeq(text: string, start = 0, end = text.length): CSeq | undefined {
  let at = start
  while (at < end && !isBlank(text.charCodeAt(at))) at++
  if (at - start > 20 || !isDigits(text, start, at)) return undefined
  const number = numberAt(text, start, at)
  while (at < end && isBlank(text.charCodeAt(at))) at++
  const method = methodAt(text, at, end)
  return number > MAX_CSEQ || !isToken(method) ? undefined : { number, method }
}
