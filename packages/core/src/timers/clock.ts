/** Time as the core sees it. A test hands in one that stands still until it is told to go on. */

export interface Clock {
  /** Milliseconds that only grow; their zero means nothing. */
  now(): number
  /** Calls `wake` once after `ms`. Returns how to take that back. */
  wakeAfter(ms: number, wake: () => void): () => void
}

export const realClock: Clock = {
  now: () => performance.now(),
  wakeAfter(ms, wake) {
    const timeout = setTimeout(wake, ms)
    return () => clearTimeout(timeout)
  },
}
