/** Replies to a request that left with another From or To: the sender gets back what he sent, so that he knows his own dialog. */
import { Address } from '../message/address.ts'
import { breaksLine, toBytes } from '../message/chars.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { Party, Replaced } from '../message/replaced.ts'
import { headerOf, nameAddrOf, withNameAddr } from './surgery.ts'

export class Restoration {
  readonly #request: Message
  readonly #replaced: Replaced

  /** `request` is as received. */
  constructor(request: Message, replaced: Replaced) {
    this.#request = request
    this.#replaced = replaced
  }

  /** Changes `response`. The tag of To, and whatever else the callee put behind it, stays. */
  apply(response: Message): void {
    const { from, to } = this.#replaced
    // RFC 3261 §12.2.2: a request that is rejected changes nothing, nor where its sender is reached.
    if (response.status >= 200 && response.status < 300) {
      from?.accepted?.()
      to?.accepted?.()
    }
    if (from !== undefined) this.#restore(response, 'from')
    if (to !== undefined) this.#restore(response, 'to')
  }

  #restore(response: Message, party: Party): void {
    const id = headerOf[party]
    const received = this.#request.value(id)
    const answered = response.value(id)
    if (received === undefined || answered === undefined) return
    const saved = this.#saved(party)
    // RFC 3261 §8.2.6.2: From is the request's, to the byte.
    if (saved === undefined && id === H.From) return response.put(id, received)
    const nameAddr = saved ?? nameAddrOf(received)
    if (nameAddr !== undefined) response.put(id, withNameAddr(answered, nameAddr))
  }

  /** What a route has put into its variables counts, as long as it is an address. */
  #saved(party: Party): string | undefined {
    const text = this.#replaced[party]!.saved?.()
    if (text === undefined || text === '' || breaksLine(text)) return undefined
    const value = toBytes(text)
    return Address.parse(value)?.isValid ? nameAddrOf(value) : undefined
  }
}
