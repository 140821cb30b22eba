/**
 * When each trunk is to do what, behind one timer of the core: thousands of trunks have thousands of different times, and the core's timers are made
 * for few different durations.
 */
import type { Timer, TimerOwner, Timers } from '../timers/timers.ts'

export interface Appointment {
  readonly due: number
  /** Undefined once it was kept or cancelled. */
  act: (() => void) | undefined
}

export class Agenda implements TimerOwner {
  readonly #timers: Timers
  /** A heap: the earliest first. */
  readonly #heap: Appointment[] = []
  #timer: Timer | undefined
  /** How many of the heap are, at most. */
  #cancelled = 0
  #isClosed = false

  constructor(timers: Timers) {
    this.#timers = timers
  }

  now(): number {
    return this.#timers.clock.now()
  }

  /** Does it after so many milliseconds, unless it is cancelled. */
  after(ms: number, act: () => void): Appointment {
    const appointment: Appointment = { due: this.now() + ms, act }
    if (this.#isClosed) return appointment
    push(this.#heap, appointment)
    if (this.#timer === undefined || appointment.due < this.#timer.due) this.#wake()
    return appointment
  }

  cancel(appointment: Appointment | undefined): void {
    if (appointment === undefined) return
    if (appointment.act !== undefined) this.#cancelled++
    appointment.act = undefined
    if (this.#cancelled > 64 && this.#cancelled > this.#heap.length / 2) this.#tidy()
    while (this.#heap[0] !== undefined && this.#heap[0].act === undefined) pop(this.#heap)
    if (this.#heap.length === 0) this.#stop()
  }

  /** Forgets everything, for good. */
  close(): void {
    this.#isClosed = true
    this.#heap.length = 0
    this.#stop()
  }

  timerFired(): void {
    this.#timer = undefined
    try {
      for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
        if (first.act !== undefined && first.due > this.now()) break
        pop(this.#heap)
        const { act } = first
        first.act = undefined
        act?.()
      }
    } finally {
      if (this.#heap.length > 0) this.#wake()
    }
  }

  /** What was cancelled would stay until its time. */
  #tidy(): void {
    const kept = this.#heap.filter(({ act }) => act !== undefined).sort((a, b) => a.due - b.due)
    this.#heap.splice(0, this.#heap.length, ...kept)
    this.#cancelled = 0
  }

  #wake(): void {
    this.#stop()
    this.#timer = this.#timers.start(this.#heap[0]!.due - this.now(), 'trunks', this)
  }

  #stop(): void {
    this.#timers.stop(this.#timer)
    this.#timer = undefined
  }
}

function push(heap: Appointment[], appointment: Appointment): void {
  let at = heap.push(appointment) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (heap[parent]!.due <= appointment.due) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = appointment
}

function pop(heap: Appointment[]): void {
  const last = heap.pop()!
  if (heap.length === 0) return
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && heap[child + 1]!.due < heap[child]!.due) child++
    if (heap[child]!.due >= last.due) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = last
}
