/**
 * What a message must have before anybody works with it: the fields of RFC 3261 §8.1.1 in a shape that can be matched and
 * answered (§16.3 step 1). Fields that a proxy does not need are not looked at.
 */
import { numberAt } from './chars.ts'
import { H } from './header-names.ts'
import type { Message } from './message.ts'

/** The reason in words, as it goes into a 400 and into the counters' label; undefined when all is well. */
export type Fault = 'Bad Via' | 'Bad From' | 'Bad To' | 'Bad Call-ID' | 'Bad CSeq' | 'Bad Max-Forwards'

export function checkMessage(message: Message): Fault | undefined {
  const via = message.topVia
  if (via === undefined || via.lacksParam) return 'Bad Via'
  if (message.callId === '') return 'Bad Call-ID'
  const cseq = message.cseq
  if (cseq === undefined || (message.isRequest && cseq.method !== message.method)) return 'Bad CSeq'
  if (!message.hasAddress(H.From)) return 'Bad From'
  if (!message.hasAddress(H.To)) return 'Bad To'
  const maxForwards = message.isRequest ? message.value(H.MaxForwards) : undefined
  if (maxForwards !== undefined && (numberAt(maxForwards) ?? Infinity) > 255) return 'Bad Max-Forwards'
  return undefined
}

/**
 * Whether a broken request can be answered: its Via is what an answer finds its way by. What else an answer copies may be missing: the
 * sender ideally hears 400 all the same (RFC 4475 §3.3.1). An ACK is never answered (RFC 3261 §17.1.1.3).
 */
export function isAnswerable(message: Message): boolean {
  return message.isRequest && message.method !== 'ACK' && message.has(H.Via)
}
