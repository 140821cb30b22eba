/** When a trunk's next REGISTER is due, in milliseconds. Chance keeps thousands of them apart. */

/** Seconds after which even a long grant is refreshed. */
const DAY = 86_400

/**
 * At 80 to 90 % of what was granted, and a while before its end: what the refresh is refused there is time to try again. Short grants are
 * refreshed at half their time.
 */
export function refreshAfter(granted: number, random: () => number): number {
  const chance = random()
  const seconds = granted < 20 ? granted * (0.5 + chance * 0.1) : granted * (0.8 + chance * 0.1)
  const margin = granted < 40 ? granted : granted - 10
  return Math.max(500, Math.min(seconds, margin, DAY) * 1_000)
}

/** Longest wait after failures in a row, in seconds, unless the interval itself is longer. */
const LONGEST = 600

export interface Setback {
  /** `retryInterval`, in seconds. */
  readonly base: number
  /** How many there were in a row, this one included. */
  readonly failures: number
  /** What the registrar asked for, in seconds. */
  readonly retryAfter: number | undefined
  /** The registrar said no. */
  readonly isRefused: boolean
  /** How long the binding lasts still, in milliseconds; undefined when nothing is bound. */
  readonly left: number | undefined
}

/**
 * The interval doubles, up to a bound, and is never shorter than it is set; while a binding lasts it is tried to be saved. What was refused is not
 * asked for sooner for that: whoever is refused often is blocked.
 */
export function retryAfter(setback: Setback, random: () => number): number {
  const { base, failures, retryAfter: asked = 0, isRefused, left } = setback
  const chance = (1 + random() * 0.25) * 1_000
  const wait = Math.min(base * 2 ** Math.min(failures - 1, 20), Math.max(base, LONGEST)) * chance
  const saving = left === undefined ? Infinity : Math.max(2_000, left * 0.4)
  return Math.max(asked * 1_000, isRefused ? base * chance : 0, Math.min(wait, saving))
}
