/** When a trunk's next REGISTER is due, in milliseconds. Chance keeps thousands of them apart. */

/** Seconds after which even a long grant is refreshed. */
const DAY = 86_400

/** What a refresh may take, in seconds: two slow answers, and requests that have to be sent again until they get through. */
const ROOM = 15

/**
 * At 80 to 90 % of what was granted, but so long before its end that a slow answer comes in time, and what is refused can be tried again. Grants
 * too short for that are refreshed before half their time.
 */
export function refreshAfter(granted: number, random: () => number): number {
  const latest = Math.min(granted * 0.9, granted - Math.min(ROOM, granted / 2), DAY)
  return Math.max(500, latest * (0.89 + random() * 0.11) * 1_000)
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
