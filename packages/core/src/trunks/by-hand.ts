/** What operators did beside the table: it lasts until `uac.reg_reload`, and what was done while that one reads goes on. */
import { fingerprint, type TrunkRow } from './columns.ts'

export class ByHand {
  /** With the time at which it was done. */
  readonly #added = new Map<string, number>()
  /** Rows that the table has, as they were. */
  readonly #removed = new Map<string, { readonly at: number; readonly fingerprint: string }>()
  #acts = 0

  /** To be given to `forget`. */
  get now(): number {
    return this.#acts
  }

  added(uuid: string): void {
    this.#added.set(uuid, ++this.#acts)
    this.#removed.delete(uuid)
  }

  removed(uuid: string, before: string): void {
    this.#acts++
    if (!this.#added.delete(uuid)) this.#removed.set(uuid, { at: this.#acts, fingerprint: before })
  }

  hasAdded(uuid: string): boolean {
    return this.#added.has(uuid)
  }

  isAsTable(uuid: string): void {
    this.#added.delete(uuid)
    this.#removed.delete(uuid)
  }

  /** What had been done by then. */
  forget(then: number): void {
    for (const [uuid, at] of this.#added) if (at <= then) this.#added.delete(uuid)
    for (const [uuid, { at }] of this.#removed) if (at <= then) this.#removed.delete(uuid)
  }

  /** Takes out of the table's rows what was removed, unless it has changed since; what the table has was not added. */
  apply(wanted: Map<string, TrunkRow>): void {
    for (const [uuid, { fingerprint: before }] of this.#removed) {
      const row = wanted.get(uuid)
      if (row !== undefined && fingerprint(row) === before) wanted.delete(uuid)
      else this.#removed.delete(uuid)
    }
    for (const uuid of this.#added.keys()) if (wanted.has(uuid)) this.#added.delete(uuid)
  }
}
