/**
 * What phones have taken off while the table is still being read: their rows are not known yet, and must not bring the contacts back. Bounded: the
 * oldest address-of-record is given up, and what it took off is there again until it expires.
 */
import { apart } from '../message/chars.ts'
import { Uri } from '../message/uri.ts'
import { isOutOfOrder, type Binding, type Order } from './binding.ts'
import type { Wanted } from './contacts.ts'

/** Stands for every contact. */
const ALL = '*'

/** The REGISTER that took it off, and what: every contact where there is no URI. */
interface Removal extends Order {
  readonly uri: Uri | undefined
}

export class Removals {
  readonly #most: number
  /** By address-of-record, then by the bytes of the contact. */
  readonly #byAor = new Map<string, Map<string, Removal>>()
  #size = 0

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#size
  }

  /** Takes what a REGISTER was granted. */
  add(aorKey: string, wanted: Wanted, { callId, cseq }: Order): void {
    if (wanted.all) {
      this.#delete(aorKey)
      return this.#put(aorKey, ALL, { uri: undefined, callId: apart(callId), cseq })
    }
    for (const { uri, expires } of wanted.changes) {
      if (expires > 0) continue
      const contact = apart(uri.bytes)
      this.#put(aorKey, contact, { uri: Uri.parse(contact), callId: apart(callId), cseq })
    }
  }

  /** RFC 3261 §10.3 step 7: not one that the same phone registered later. */
  has(binding: Pick<Binding, 'aor' | 'uri' | 'callId' | 'cseq'>): boolean {
    for (const removal of this.#byAor.get(binding.aor.key)?.values() ?? []) {
      const isIts = removal.uri?.equals(binding.uri) ?? true
      if (isIts && !isOutOfOrder(binding, removal)) return true
    }
    return false
  }

  #put(aorKey: string, name: string, removal: Removal): void {
    const contacts = this.#byAor.get(aorKey) ?? new Map<string, Removal>()
    if (!contacts.has(name)) this.#size++
    this.#byAor.set(apart(aorKey), contacts.set(name, removal))
    for (const oldest of this.#byAor.keys()) {
      if (this.#size <= this.#most) return
      this.#delete(oldest)
    }
  }

  #delete(aorKey: string): void {
    this.#size -= this.#byAor.get(aorKey)?.size ?? 0
    this.#byAor.delete(aorKey)
  }
}
