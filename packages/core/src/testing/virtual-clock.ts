/** Time that stands still until it is told to go on. Wake-ups happen in the order of their times, then of their asking. */
import type { Clock } from '../timers/clock.ts'

interface WakeUp {
  readonly at: number
  readonly wake: () => void
}

export class VirtualClock implements Clock {
  #now = 0
  #wakeUps: WakeUp[] = []

  now(): number {
    return this.#now
  }

  wakeAfter(ms: number, wake: () => void): () => void {
    const entry = { at: this.#now + Math.max(0, ms), wake }
    const later = this.#wakeUps.findIndex(({ at }) => at > entry.at)
    this.#wakeUps.splice(later < 0 ? this.#wakeUps.length : later, 0, entry)
    return () => {
      this.#wakeUps = this.#wakeUps.filter((each) => each !== entry)
    }
  }

  /** When the next wake-up is due, or Infinity. */
  next(): number {
    return this.#wakeUps[0]?.at ?? Infinity
  }

  /** Lets this much time pass, from wake-up to wake-up. */
  advance(ms: number): void {
    const until = this.#now + ms
    while (this.next() <= until) this.goTo(this.next())
    this.goTo(until)
  }

  /** Goes to `time` and wakes who is due there. What lies between must have been waited for already. */
  goTo(time: number): void {
    this.#now = Math.max(this.#now, time)
    while (this.#wakeUps.length > 0 && this.#wakeUps[0]!.at <= this.#now) this.#wakeUps.shift()!.wake()
  }
}
