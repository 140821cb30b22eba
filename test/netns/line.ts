/**
 * A line that treats datagrams as the worst of networks does: some are lost, some come twice, some are overtaken by those after them. This is
 * what `tc netem` does, without asking for a kernel that has it; and it can be told to lose just what a test is about.
 */
import { random, type Random } from '../corpus/random.ts'

/** In percent. */
export interface Quality {
  readonly loss: number
  readonly duplicate: number
  readonly late: number
}

/** Milliseconds: how long a datagram takes, and how much longer a late one. */
const USUAL = 2
const LATE = 40

export class Line {
  readonly counts = { carried: 0, lost: 0, doubled: 0, late: 0, aimed: 0 }
  readonly #quality: Quality
  readonly #random: Random
  readonly #isAimedAt: (text: string) => boolean
  readonly #underway = new Set<NodeJS.Timeout>()

  /** `isAimedAt`: what is to be lost for certain. */
  constructor(quality: Quality, seed: number, isAimedAt: (text: string) => boolean = () => false) {
    this.#quality = quality
    this.#random = random(seed)
    this.#isAimedAt = isAimedAt
  }

  /** Calls `deliver` once, twice or never, later. */
  carry(bytes: Uint8Array, deliver: () => void): void {
    const { counts } = this
    if (this.#isAimedAt(Buffer.from(bytes).toString('latin1'))) return void counts.aimed++
    if (this.#happens('loss')) return void counts.lost++
    counts.carried++
    this.#deliverLater(deliver)
    if (!this.#happens('duplicate')) return
    counts.doubled++
    this.#deliverLater(deliver)
  }

  /** What is underway is lost. */
  close(): void {
    for (const timer of this.#underway) clearTimeout(timer)
  }

  #deliverLater(deliver: () => void): void {
    const timer = setTimeout(() => {
      this.#underway.delete(timer)
      deliver()
    }, this.#delay())
    this.#underway.add(timer)
  }

  #delay(): number {
    const usual = 1 + this.#random.below(USUAL)
    if (!this.#happens('late')) return usual
    this.counts.late++
    return usual + this.#random.below(LATE)
  }

  #happens(what: keyof Quality): boolean {
    return this.#random.below(100) < this.#quality[what]
  }
}
