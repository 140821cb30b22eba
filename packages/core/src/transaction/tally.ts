/** How many there are of each kind. A kind of which there is none takes no room. */

export class Tally {
  readonly #counts = new Map<string, number>()

  get(kind: string): number {
    return this.#counts.get(kind) ?? 0
  }

  get kinds(): number {
    return this.#counts.size
  }

  add(kind: string): void {
    this.#counts.set(kind, this.get(kind) + 1)
  }

  remove(kind: string): void {
    const left = this.get(kind) - 1
    if (left > 0) this.#counts.set(kind, left)
    else this.#counts.delete(kind)
  }
}
