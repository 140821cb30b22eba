/**
 * Every timer of the core. Few different durations are in use at a time, so each has a list of its own, where the order of starting is the
 * order of expiring: starting and stopping cost no search. One wake-up of the clock serves them all.
 */
import type { Clock } from './clock.ts'

/** Who is told when a timer fires. `name` is the RFC's letter or what the owner calls it. */
export interface TimerOwner {
  timerFired(name: string): void
}

/** What can stand in a list and fire. Who always has one, a transaction say, is one: that is an object less for each. */
export abstract class Timed implements TimerOwner {
  /** A whole number: V8 keeps others in an object of their own. */
  due: number
  name: string
  /** The list it stands in; undefined while it does not run. */
  list: TimerList | undefined
  before: Timed | undefined
  after: Timed | undefined

  constructor() {
    this.due = 0
    this.name = ''
    this.list = undefined
    this.before = undefined
    this.after = undefined
  }

  abstract timerFired(name: string): void
}

/** One that is started once, for its owner. */
export class Timer extends Timed {
  readonly owner: TimerOwner

  constructor(owner: TimerOwner) {
    super()
    this.owner = owner
  }

  timerFired(name: string): void {
    this.owner.timerFired(name)
  }
}

interface TimerList {
  readonly ms: number
  first: Timed | undefined
  last: Timed | undefined
}

/** Milliseconds: wake-ups closer together than this are served by one. T1, the shortest of SIP's timers, is 25 times as long. */
const GRAIN = 20

export class Timers {
  readonly clock: Clock
  readonly #byDuration = new Map<number, TimerList>()
  /** The same ones, since a Map is slow to walk. One that is empty goes at the next wake-up: mostly it is wanted again at once. */
  #lists: TimerList[] = []
  #size = 0
  #wakeAt = Infinity
  #cancelWake: () => void = () => undefined

  constructor(clock: Clock) {
    this.clock = clock
  }

  /** How many are running. */
  get size(): number {
    return this.#size
  }

  /** Starts a timer of `ms`, rounded up to whole milliseconds. */
  start(ms: number, name: string, owner: TimerOwner): Timer {
    const timer = new Timer(owner)
    this.restart(timer, ms, name)
    return timer
  }

  /** Likewise, in place of what it was started for before. */
  restart(timer: Timed, ms: number, name: string): void {
    this.stop(timer)
    const whole = Math.max(0, Math.ceil(ms))
    let list = this.#byDuration.get(whole)
    if (list === undefined) {
      list = { ms: whole, first: undefined, last: undefined }
      this.#byDuration.set(whole, list)
      this.#lists.push(list)
    }
    timer.due = Math.ceil(this.clock.now()) + whole
    timer.name = name
    timer.list = list
    timer.before = list.last
    if (list.last === undefined) list.first = timer
    else list.last.after = timer
    list.last = timer
    this.#size++
    if (timer.due < this.#wakeAt) this.#wake(timer.due)
  }

  stop(timer: Timed | undefined): void {
    const list = timer?.list
    if (timer === undefined || list === undefined) return
    if (timer.before === undefined) list.first = timer.after
    else timer.before.after = timer.after
    if (timer.after === undefined) list.last = timer.before
    else timer.after.before = timer.before
    timer.list = timer.before = timer.after = undefined
    this.#size--
  }

  /** Stops every timer: nothing of what they belonged to will go on. */
  stopAll(): void {
    this.#cancelWake()
    this.#wakeAt = Infinity
    // One by one: a timer stopped once more later must find itself stopped.
    for (const list of this.#lists) while (list.first !== undefined) this.stop(list.first)
  }

  /** When the next one is due, or Infinity. */
  nextDue(): number {
    return this.#earliest()?.due ?? Infinity
  }

  /** Fires what is due, oldest first. An owner that throws has a bug; the timers of others go on all the same. */
  #fire(): void {
    this.#wakeAt = Infinity
    const now = this.clock.now()
    try {
      for (let timer = this.#earliest(); timer !== undefined && timer.due <= now; timer = this.#earliest()) {
        this.stop(timer)
        timer.timerFired(timer.name)
      }
    } finally {
      this.#sweep()
      const due = this.nextDue()
      if (due < this.#wakeAt) this.#wake(Math.max(due, now + GRAIN))
    }
  }

  #earliest(): Timed | undefined {
    let earliest: Timed | undefined
    for (const { first } of this.#lists) {
      if (first !== undefined && (earliest === undefined || first.due < earliest.due)) earliest = first
    }
    return earliest
  }

  #sweep(): void {
    for (const { ms, first } of this.#lists) if (first === undefined) this.#byDuration.delete(ms)
    this.#lists = this.#lists.filter(({ first }) => first !== undefined)
  }

  #wake(at: number): void {
    this.#cancelWake()
    this.#wakeAt = at
    this.#cancelWake = this.clock.wakeAfter(at - this.clock.now(), () => this.#fire())
  }
}
