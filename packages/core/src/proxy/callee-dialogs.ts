/**
 * What is remembered of the calls that were answered here, by our tag: whose they are, the highest CSeq of the caller, and whether they have ended.
 * Bounded, those that were heard of longest ago go first: from then on our tag alone says that a request is for us (RFC 3261 §12.2.2 has
 * dialogs outlive what is known of them).
 */
import { apart } from '../message/chars.ts'
import type { Message } from '../message/message.ts'
import { hashOf, makeSecrets } from '../transaction/hash.ts'
import type { Refusal } from './validation.ts'

interface CalleeDialog {
  /** Of Call-ID and caller's tag, which may be as long as a datagram. */
  readonly caller: number
  /** `OVER` once the call has ended. */
  readonly highest: number
}

const OVER = Infinity

export class CalleeDialogs {
  /** Those heard of lately, by our tags, which are short. */
  #young = new Map<string, CalleeDialog>()
  /** When there are half as many of these as there may be, those before them are forgotten all at once: no order has to be kept. */
  #old = new Map<string, CalleeDialog>()
  readonly #half: number

  constructor(limit: number) {
    this.#half = limit / 2
  }

  /** An INVITE was answered with 2xx, under this tag of ours. */
  begin(invite: Message, tag: string): void {
    this.#put(tag, { caller: callerOf(invite), highest: invite.cseq!.number })
  }

  /** A later request was answered. RFC 3261 §15.1.2: a BYE that is accepted ends the call. */
  answered(request: Message, status: number): void {
    const { toTag, method } = request
    const known = this.#find(toTag)
    if (known === undefined || known.caller !== callerOf(request)) return
    if (method === 'BYE' && status < 300) this.end(toTag)
    else this.#put(toTag, { ...known, highest: Math.max(known.highest, request.cseq!.number) })
  }

  end(tag: string): void {
    const known = this.#find(tag)
    if (known !== undefined) this.#put(tag, { ...known, highest: OVER })
  }

  /** RFC 3261 §12.2.2: what speaks against a later request. */
  refusal(request: Message): Refusal | undefined {
    const known = this.#find(request.toTag)
    if (known === undefined) return undefined
    if (known.highest === OVER || known.caller !== callerOf(request)) return { status: 481, reason: '' }
    return request.cseq!.number < known.highest ? { status: 500, reason: 'CSeq Out Of Order' } : undefined
  }

  #find(tag: string): CalleeDialog | undefined {
    return this.#young.get(tag) ?? this.#old.get(tag)
  }

  #put(tag: string, dialog: CalleeDialog): void {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(apart(tag), dialog)
  }
}

const secrets = { callId: makeSecrets(), tag: makeSecrets() }

function callerOf({ callId, fromTag }: Message): number {
  return hashOf(fromTag, secrets.tag, hashOf(callId, secrets.callId))
}
