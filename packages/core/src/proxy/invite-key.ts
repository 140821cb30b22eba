/** What the copies of an INVITE have in common that came by different ways, and an INVITE with its ACK (RFC 3261 §8.2.2.2, §13.2.2.4). */
import type { Message } from '../message/message.ts'

export function inviteKey({ callId, fromTag, cseq }: Message): string {
  return callId + ' ' + fromTag + ' ' + cseq!.number
}
