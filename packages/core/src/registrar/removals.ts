/**
 * What phones have taken off while the table is still being read: their rows are not known yet, and must not bring the contacts back. Bounded: the
 * oldest address-of-record is given up, and what it took off is there again until it expires.
 */
import type { Uri } from '../message/uri.ts'
import type { Binding } from './binding.ts'
import type { Wanted } from './contacts.ts'

/** Stands for every contact. */
const ALL = '*'

export class Removals {
  readonly #most: number
  /** By address-of-record, then by the bytes of the contact. */
  readonly #byAor = new Map<string, Map<string, Uri | undefined>>()
  #size = 0

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#size
  }

  /** Takes what a REGISTER was granted. */
  add(aorKey: string, wanted: Wanted): void {
    if (wanted.all) {
      this.#delete(aorKey)
      return this.#put(aorKey, ALL)
    }
    for (const { uri, expires } of wanted.changes) if (expires === 0) this.#put(aorKey, uri.bytes, uri)
  }

  has({ aor, uri }: Pick<Binding, 'aor' | 'uri'>): boolean {
    const contacts = this.#byAor.get(aor.key)
    if (contacts === undefined) return false
    if (contacts.has(ALL) || contacts.has(uri.bytes)) return true
    for (const each of contacts.values()) if (each?.equals(uri) === true) return true
    return false
  }

  clear(): void {
    this.#byAor.clear()
    this.#size = 0
  }

  #put(aorKey: string, name: string, uri?: Uri): void {
    const contacts = this.#byAor.get(aorKey) ?? new Map<string, Uri | undefined>()
    if (contacts.has(ALL) || contacts.has(name)) return
    this.#byAor.set(aorKey, contacts.set(name, uri))
    this.#size++
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
