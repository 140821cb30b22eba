/**
 * RFC 5393 §5.3: how many branches a request may still split into, all proxies on its way together. DEVIATES RFC 5393 §5.3.3: a request that
 * came without Max-Breadth and goes to one target leaves without it, as nothing is split.
 */
import { isDigits } from '../message/chars.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'

/** RFC 5393 §5.3.3: what counts when none is given. */
const DEFAULT = 60

/** The share of each of `branches` that leave at once; undefined leaves the header as it is, 0 means they are too many. */
export function breadthShare(request: Message, branches: number): number | undefined {
  const value = request.value(H.MaxBreadth)
  if (value === undefined && branches <= 1) return undefined
  const breadth = value !== undefined && isDigits(value) ? Number(value) : DEFAULT
  return Math.floor(breadth / Math.max(1, branches))
}
