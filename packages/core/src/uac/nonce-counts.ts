import { flat } from '../message/chars.ts'
import { randomPortion, type RandomBytes } from '../random.ts'

/**
 * How often each nonce has been answered (RFC 7616 §3.4, `nc`): servers hand the same one out again, and refuse a count that does not grow.
 * Bounded, since nonces come from the network: the one unused for longest is forgotten.
 */
export class NonceCounts {
  readonly #counts = new Map<string, number>()
  /** The key that was counted last, which is the last one of the table: who challenges may use a nonce several times in a row. */
  #latest = ''
  readonly #limit: number
  readonly #random: RandomBytes

  constructor(limit = 1_000, random: RandomBytes = randomPortion) {
    this.#limit = limit
    this.#random = random
  }

  /** Our side of a digest: fresh for each answer. */
  freshCnonce(): string {
    return this.#random(16).toString('hex')
  }

  /** Counts one more answer: 1 for a new nonce. */
  next(realm: string, nonce: string): number {
    // A NUL is in no header: two pairs never make one key.
    const key = flat(realm + '\0' + nonce)
    const count = (this.#counts.get(key) ?? 0) + 1
    if (key !== this.#latest) this.#counts.delete(key)
    this.#counts.set(key, count)
    this.#latest = key
    if (this.#counts.size > this.#limit) this.#counts.delete(this.#counts.keys().next().value!)
    return count
  }
}
