/**
 * When the user's code runs: last in a turn, after all that the core has to do, with nothing of the core's own state below it on the stack. Who
 * watches (watchdog/) can then end a loop in place, and the core has lost nothing. One turn is one callback of Node's: a datagram, a
 * batch of them, a message that `hop` sent to ourselves.
 */

/** One call of the user's code. */
export interface Entry {
  /** Says whether it goes on after an `await`. */
  enterUserCode(): boolean
  /** It was ended in place; `stack` says where it looped. */
  overran(stack: string): void
  /** Whether this is what its code was given to work with. */
  owns?(value: unknown): boolean
}

/** Indices of `Turns.marks`. */
export const mark = {
  /** How many entries there were: one that stays the same may be a loop. */
  entries: 0,
  /** Counted up while the process comes round to its timers. */
  beats: 1,
  /** 1: what ran last was ended by the watcher. */
  ended: 2,
  /** 1: somebody debugs this process, who may let it stand still. */
  debugged: 3,
}

export class Turns {
  /** Read by the watcher's thread. */
  readonly marks = new Int32Array(new SharedArrayBuffer(16))
  /** Comes back in a turn of its own. The server does so through a message port; without one the next microtask will do. */
  hop: (go: () => void) => void = queueMicrotask
  /** Likewise, and nothing of the user's runs in that turn: what a loop after an `await` takes with it is not the core's. The server: an immediate. */
  apart: (go: () => void) => void = queueMicrotask
  readonly #due: Entry[] = []
  /** What the core does when no entry is due any more. */
  readonly #afterwards: (() => void)[] = []
  /** What ran last, as long as its awaits may go on in this turn. */
  #current: Entry | undefined
  /** What was ended, in order, until it is told so: the next datagram may loop before that. Undefined: nobody knows whose it was. */
  readonly #ended: (Entry | undefined)[] = []
  /** Those that await. */
  readonly #pending = new Set<Entry>()
  #claimed: Entry | undefined
  /** Whether the code of `#current` is on the stack, so that nobody else's can be. */
  #isInside = false
  #isOpen = false
  #isHopping = false

  /** Who has been entered, for what is started there. */
  get current(): Entry | undefined {
    return this.#current
  }

  /** More may come in this turn; who says so calls `end` or `leave`. */
  begin(): void {
    this.#isOpen = true
  }

  /** Enters it at the end of this turn, or in the next one. */
  add(entry: Entry): void {
    this.#due.push(entry)
    if (!this.#isOpen) this.#later()
  }

  /** Calls the core back when every entry that is due, or comes due by one of them, has been entered. */
  afterwards(then: () => void): void {
    this.#afterwards.push(then)
    if (!this.#isOpen) this.#later()
  }

  /** The core's work of this turn is done: enters what is due. It has to be the last thing done in the turn. */
  end(): void {
    this.#noteEnded()
    this.#isOpen = true
    try {
      // What an entry awaits may be there already: then it goes on right after this turn, which is its own.
      while (this.#isDue && !this.#next()) continue
    } finally {
      this.#isOpen = false
      if (this.#isDue) this.#later()
    }
  }

  /** The same where the user's code could not be ended: what is due is entered in a turn of its own. Says whether there is any. */
  leave(): boolean {
    this.#isOpen = false
    const isDue = this.#isDue
    if (isDue) this.#later()
    return isDue
  }

  get #isDue(): boolean {
    return this.#due.length > 0 || this.#afterwards.length > 0
  }

  /** Whether it goes on after an `await`. */
  #next(): boolean {
    const entry = this.#due.shift()
    if (entry !== undefined) return this.#enter(entry)
    this.#afterwards.shift()!()
    return false
  }

  /** It awaits: until `settled` its code may go on at any time. */
  awaits(entry: Entry): void {
    this.#pending.add(entry)
  }

  settled(entry: Entry): void {
    this.#pending.delete(entry)
  }

  /**
   * What will be ended next is what runs, or else whoever was given one of these, the first of which counts: one may hold what is another's. Says
   * whether there is one.
   */
  claim(values: readonly unknown[]): boolean {
    // What was ended before this may not have come round yet.
    this.#noteEnded()
    this.#claimed = this.#isInside ? this.#current : this.#ownerOf(values)
    return this.#claimed !== undefined
  }

  #ownerOf(values: readonly unknown[]): Entry | undefined {
    const pending = [...this.#pending]
    const value = values.find((each) => pending.some((entry) => entry.owns?.(each)))
    return pending.find((entry) => entry.owns?.(value))
  }

  #enter(entry: Entry): boolean {
    this.marks[mark.entries]!++
    this.#current = entry
    this.#isInside = true
    const isPending = entry.enterUserCode()
    this.#isInside = false
    if (isPending) this.#forgetLater()
    else this.#current = undefined
    return isPending
  }

  /** What was ended, to be told so; undefined when it was something that nobody entered here. */
  takeEnded(): Entry | undefined {
    this.#noteEnded()
    return this.#ended.shift()
  }

  /** Whether it was ended, and will be told so. */
  isEnded(entry: Entry): boolean {
    this.#noteEnded()
    return this.#ended.includes(entry)
  }

  /** Neither the end of the turn nor what comes after in `#enter` was reached. */
  #noteEnded(): void {
    this.#isOpen = false
    if (this.marks[mark.ended] === 0) return
    this.marks[mark.ended] = 0
    this.#ended.push(this.#claimed ?? this.#current)
    this.#claimed = this.#current = undefined
    this.#isInside = false
  }

  /** Once all that can go on right after the turn has done so. */
  #forgetLater(): void {
    const entry = this.#current
    setImmediate(() => {
      this.#noteEnded()
      if (this.#current === entry) this.#current = undefined
    })
  }

  #later(): void {
    if (this.#isHopping) return
    this.#isHopping = true
    this.hop(() => {
      this.#isHopping = false
      this.end()
    })
  }
}

/** What the log says of it; `place` where it is known. */
export function overrunAt(place: string | undefined): string {
  return `ran longer than handlers.cpu allows${place === undefined ? '' : `, at ${place}`}`
}
