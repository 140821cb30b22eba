/**
 * How far the ACK to a 2xx is raised where its Route does not say it: after a re-INVITE that was challenged within the dialog, for as long as
 * its transaction lives (RFC 3261 §13.2.2.4: the ACK has the CSeq of its INVITE).
 */
import type { Message } from '../message/message.ts'
import { inviteKey } from './invite-key.ts'

export class AckShifts {
  readonly #shifts = new Map<string, number>()

  get size(): number {
    return this.#shifts.size
  }

  set(invite: Message, shift: number): void {
    this.#shifts.set(inviteKey(invite), shift)
  }

  get(ack: Message): number | undefined {
    return this.#shifts.size === 0 ? undefined : this.#shifts.get(inviteKey(ack))
  }

  forget(invite: Message): void {
    if (this.#shifts.size > 0) this.#shifts.delete(inviteKey(invite))
  }
}
