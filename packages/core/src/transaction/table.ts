/**
 * Transactions, and dialogs, by the hash of what a message is matched by. V8's Map looks into the keys beside the one that it is asked for, which are in no cache
 * when there are hundreds of thousands, and most requests are looked up in vain; and it is made anew time and again while transactions come and go.
 * Here the hashes lie side by side: open addressing, half full at most, and who leaves leaves no gap.
 */
import type { Message } from '../message/message.ts'

export interface Entry {
  /** See `hash.ts`. */
  readonly hash: number
  /** Whether the message, which has the same hash, is of this one; `part` is what else it is matched by. */
  fits(message: Message, part: string): boolean
}

const SMALLEST = 64

/** Set in every hash that is kept: a place that holds 0 is free. */
const TAKEN = 1 << 31

export class Table<E extends Entry> {
  #hashes!: Int32Array
  #entries!: (E | undefined)[]
  #mask = 0
  #size = 0

  constructor() {
    this.#clear(SMALLEST)
  }

  get size(): number {
    return this.#size
  }

  get(hash: number, message: Message, part: string): E | undefined {
    const kept = hash | TAKEN
    const mask = this.#mask
    const hashes = this.#hashes
    for (let at = hash & mask; hashes[at] !== 0; at = (at + 1) & mask) {
      if (hashes[at] !== kept) continue
      const entry = this.#entries[at]!
      if (entry.fits(message, part)) return entry
    }
    return undefined
  }

  add(entry: E): void {
    if (this.#size * 2 >= this.#hashes.length) this.#resize(this.#hashes.length * 2)
    this.#put(entry.hash | TAKEN, entry)
    this.#size++
  }

  delete(entry: E): void {
    const mask = this.#mask
    let at = entry.hash & mask
    while (this.#entries[at] !== entry) {
      if (this.#hashes[at] === 0) return
      at = (at + 1) & mask
    }
    this.#close(at)
    this.#size--
    if (this.#size * 16 < this.#hashes.length && this.#hashes.length > SMALLEST) this.#resize(this.#hashes.length / 4)
  }

  /** In no particular order. */
  values(): E[] {
    return this.#entries.filter((entry) => entry !== undefined)
  }

  /** Whoever stands behind the gap, and not before its own place, is moved into it: else it would not be found any more. */
  #close(gap: number): void {
    const mask = this.#mask
    const hashes = this.#hashes
    const entries = this.#entries
    for (let at = (gap + 1) & mask; hashes[at] !== 0; at = (at + 1) & mask) {
      if (((at - hashes[at]!) & mask) < ((at - gap) & mask)) continue
      hashes[gap] = hashes[at]!
      entries[gap] = entries[at]
      gap = at
    }
    hashes[gap] = 0
    entries[gap] = undefined
  }

  #put(kept: number, entry: E): void {
    let at = kept & this.#mask
    while (this.#hashes[at] !== 0) at = (at + 1) & this.#mask
    this.#hashes[at] = kept
    this.#entries[at] = entry
  }

  #resize(places: number): void {
    const hashes = this.#hashes
    const entries = this.#entries
    this.#clear(places)
    for (let at = 0; at < hashes.length; at++) if (hashes[at] !== 0) this.#put(hashes[at]!, entries[at]!)
  }

  #clear(places: number): void {
    this.#hashes = new Int32Array(places)
    this.#entries = []
    // At once: a table of a million would be copied again and again while it fills.
    this.#entries.length = places
    this.#mask = places - 1
  }
}
