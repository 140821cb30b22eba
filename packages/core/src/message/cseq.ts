/** RFC 3261 §20.16: a number below 2³¹ and a method. */
import { isBlank, numberAt } from './chars.ts'
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
  const number = at - start > 20 ? undefined : numberAt(text, start, at)
  if (number === undefined || number > MAX_CSEQ) return undefined
  while (at < end && isBlank(text.charCodeAt(at))) at++
  const method = methodAt(text, at, end)
  return method === undefined ? undefined : { number, method }
}
