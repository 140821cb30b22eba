/** Time as the core sees it. A test hands in one that stands still until it is told to go on. */

export interface Clock {
  /** Milliseconds that only grow; their zero means nothing. */
  now(): number
  /** Calls `wake` once after `ms`, or after 24 days when that is sooner. Returns how to take that back. */
  wakeAfter(ms: number, wake: () => void): () => void
}

/** Milliseconds of a clock that all processes of this machine share, and that nobody sets as they set the calendar. */
export function machineClock(): number {
  return Number(process.hrtime.bigint() / 1_000_000n)
}

/** What lasts longer Node takes for one millisecond. */
const LONGEST = 2 ** 31 - 1

export const realClock: Clock = {
  now: () => performance.now(),
  wakeAfter(ms, wake) {
    const timeout = setTimeout(wake, Math.min(Math.max(ms, 0), LONGEST))
    return () => clearTimeout(timeout)
  },
}
