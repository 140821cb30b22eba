/**
 * When what ends: by whole seconds, since there are many contacts and few seconds. One wake-up of the clock serves them all. It stays when
 * what it was for goes: taking it back would cost more than waking in vain, and there may be another soon.
 */
import type { Clock } from '../timers/clock.ts'

export class Expiries<Item> {
  readonly #clock: Clock
  readonly #expired: (items: Iterable<Item>) => void
  /** By the second in which they end. */
  readonly #seconds = new Map<number, Set<Item>>()
  #wakeAt = Infinity
  #cancelWake: () => void = () => undefined

  /** `expired` is told of what has ended and was not deleted before. */
  constructor(clock: Clock, expired: (items: Iterable<Item>) => void) {
    this.#clock = clock
    this.#expired = expired
  }

  /** `at` is the clock's, in milliseconds. */
  add(item: Item, at: number): void {
    const second = secondOf(at)
    const items = this.#seconds.get(second)
    if (items !== undefined) return void items.add(item)
    this.#seconds.set(second, new Set<Item>().add(item))
    if (second * 1_000 < this.#wakeAt) this.#wake(second * 1_000)
  }

  delete(item: Item, at: number): void {
    const second = secondOf(at)
    const items = this.#seconds.get(second)
    items?.delete(item)
    if (items?.size === 0) this.#seconds.delete(second)
  }

  stop(): void {
    this.#seconds.clear()
    this.#cancelWake()
    this.#wakeAt = Infinity
  }

  #wake(at: number): void {
    this.#cancelWake()
    this.#wakeAt = at
    this.#cancelWake = this.#clock.wakeAfter(at - this.#clock.now(), () => this.#fire())
  }

  #fire(): void {
    this.#wakeAt = Infinity
    const now = this.#clock.now()
    let next = Infinity
    for (const [second, items] of this.#seconds) {
      if (second * 1_000 > now) {
        next = Math.min(next, second * 1_000)
        continue
      }
      this.#seconds.delete(second)
      this.#expired(items)
    }
    if (next < this.#wakeAt) this.#wake(next)
  }
}

/** The first that is not before `at`: nothing ends early. */
function secondOf(at: number): number {
  return Math.ceil(at / 1_000)
}
