/** RFC 3261 §16.11: what is sent on without a transaction has, each time it comes, the same branch. */
import type { Message } from '../message/message.ts'
import { serverKey } from '../transaction/matching.ts'
import { letters } from './loop-detection.ts'

/**
 * The same for every copy of a request, 64 bits of what tells it from others. The To tag is among it: callers that were answered by several may send
 * each of them an ACK with the branch of the INVITE.
 */
export function copyId(request: Message): string {
  const key = serverKey(request, 'INVITE') + ' ' + request.toTag
  let one = 0
  let other = 0
  // Turned each time, since multiplication takes nothing from high bits to low ones: the two would have too much in common.
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i)
    one = Math.imul(((one << 5) | (one >>> 27)) ^ code, 0x9e3779b1)
    other = Math.imul(((other << 13) | (other >>> 19)) ^ code, 0x5f356495)
  }
  return letters(one) + letters(other)
}
