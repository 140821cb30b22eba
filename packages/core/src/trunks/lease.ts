/** What a registrar has bound for a trunk, or may have bound though no answer said so. Times are the agenda's, in milliseconds. */
import type { Agenda, Appointment } from './agenda.ts'

export class Lease {
  readonly #agenda: Agenda
  readonly #lapsed: () => void
  #until: number | undefined
  #lapse: Appointment | undefined
  #perhapsUntil = -Infinity

  /** `lapsed`: the time of what was bound is over. */
  constructor(agenda: Agenda, lapsed: () => void) {
    this.#agenda = agenda
    this.#lapsed = lapsed
  }

  /** When it lapses; undefined while nothing is bound for certain. */
  get until(): number | undefined {
    return this.#until
  }

  get isPossible(): boolean {
    return this.#until !== undefined || this.#perhapsUntil > this.#agenda.now()
  }

  begin(until: number): void {
    this.stop()
    this.#until = until
    this.#lapse = this.#agenda.after(Math.max(0, until - this.#agenda.now()), this.#lapsed)
  }

  /** So many seconds were asked for, and what became of it is not known. */
  begunPerhaps(seconds: number): void {
    this.#perhapsUntil = Math.max(this.#perhapsUntil, this.#agenda.now() + seconds * 1_000)
  }

  /** What was certain is over. */
  end(): void {
    this.stop()
    this.#until = undefined
  }

  /** Nothing is bound, and that is certain. */
  withdrawn(): void {
    this.#perhapsUntil = -Infinity
  }

  /** Nobody is told of its end any more. */
  stop(): void {
    this.#agenda.cancel(this.#lapse)
    this.#lapse = undefined
  }
}
