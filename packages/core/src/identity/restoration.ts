/** Replies to a request that left with another From or To: the sender gets back what he sent, so that he knows his own dialog. */
import { Address } from '../message/address.ts'
import { apart, breaksLine, toBytes } from '../message/chars.ts'
import { H, type HeaderId } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { Replaced, Replacement } from '../message/replaced.ts'
import { nameAddrOf, withNameAddr } from './surgery.ts'

/** Of a header that was replaced: what repeats of a 2xx want for 32 s, and no more, since that keeps a datagram. */
interface Kept {
  /** As the sender wrote it. */
  readonly received: string | undefined
  readonly saved: Replacement['saved'] | undefined
  readonly accepted: Replacement['accepted'] | undefined
}

function keptOf(request: Message, id: HeaderId, { saved, accepted }: Replacement): Kept {
  const received = request.value(id)
  return { received: received && apart(received), saved, accepted }
}

export class Restoration {
  readonly #from: Kept | undefined
  readonly #to: Kept | undefined

  /** `request` is as received. */
  constructor(request: Message, { from, to }: Replaced) {
    this.#from = from && keptOf(request, H.From, from)
    this.#to = to && keptOf(request, H.To, to)
  }

  /** Changes `response`. The tag of To, and whatever else the callee put behind it, stays. */
  apply(response: Message): void {
    const [from, to] = [this.#from, this.#to]
    // RFC 3261 §12.2.2: a request that is rejected changes nothing, nor where its sender is reached.
    if (response.status >= 200 && response.status < 300) {
      from?.accepted?.()
      to?.accepted?.()
    }
    if (from !== undefined) restore(response, H.From, from)
    if (to !== undefined) restore(response, H.To, to)
  }
}

function restore(response: Message, id: HeaderId, kept: Kept): void {
  const { received } = kept
  const answered = response.value(id)
  if (received === undefined || answered === undefined) return
  const saved = savedIn(kept)
  // RFC 3261 §8.2.6.2: From is the request's, to the byte.
  if (saved === undefined && id === H.From) return response.put(id, received)
  const nameAddr = saved ?? nameAddrOf(received)
  if (nameAddr !== undefined) response.put(id, withNameAddr(answered, nameAddr))
}

/** What a route has put into its variables counts, as long as it is an address. */
function savedIn({ saved }: Kept): string | undefined {
  const text = saved?.()
  if (text === undefined || text === '' || breaksLine(text)) return undefined
  const value = toBytes(text)
  return Address.parse(value)?.isValid ? nameAddrOf(value) : undefined
}
