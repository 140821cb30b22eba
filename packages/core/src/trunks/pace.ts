/**
 * How many REGISTERs are started per second, whatever asks for them: a start, a reload, refreshes, an outage that is over. Refreshes of what is
 * still bound go first: a crowd of new trunks makes no other lapse.
 */
import type { Agenda, Appointment } from './agenda.ts'

/** Who waits for a turn. */
export interface Waiting {
  hasTurn(): void
}

/** Timers are not finer than this, in milliseconds: who is to start more often starts several at once. */
const GRAIN = 10

export class Pace {
  readonly #agenda: Agenda
  /** Milliseconds from one start to the next. */
  readonly #gap: number
  readonly #urgent = new Set<Waiting>()
  readonly #others = new Set<Waiting>()
  #free = -Infinity
  #next: Appointment | undefined
  #isPaused = false

  constructor(agenda: Agenda, rate: number) {
    this.#agenda = agenda
    this.#gap = 1_000 / rate
  }

  /** How many wait. */
  get size(): number {
    return this.#urgent.size + this.#others.size
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Nobody has a turn until it is taken back. */
  set isPaused(isPaused: boolean) {
    this.#isPaused = isPaused
    this.#serveLater()
  }

  ask(waiting: Waiting, isUrgent: boolean): void {
    this.leave(waiting)
    ;(isUrgent ? this.#urgent : this.#others).add(waiting)
    this.#serveLater()
  }

  leave(waiting: Waiting): void {
    this.#urgent.delete(waiting)
    this.#others.delete(waiting)
  }

  has(waiting: Waiting): boolean {
    return this.#urgent.has(waiting) || this.#others.has(waiting)
  }

  #serveLater(): void {
    if (this.#next !== undefined || this.#isPaused || this.size === 0) return
    this.#next = this.#agenda.after(Math.max(0, this.#free - this.#agenda.now()), () => this.#serve())
  }

  #serve(): void {
    this.#next = undefined
    try {
      while (this.#free <= this.#agenda.now() && !this.#isPaused) {
        const waiting = this.#first()
        if (waiting === undefined) return
        const late = this.#gap < GRAIN ? GRAIN : 0
        this.#free = Math.max(this.#free, this.#agenda.now() - late) + this.#gap
        waiting.hasTurn()
      }
    } finally {
      this.#serveLater()
    }
  }

  #first(): Waiting | undefined {
    for (const queue of [this.#urgent, this.#others]) {
      for (const waiting of queue) {
        queue.delete(waiting)
        return waiting
      }
    }
    return undefined
  }
}
