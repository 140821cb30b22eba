/** A REGISTER that is not taken: nothing of it is. */

export interface Refusal {
  readonly status: number
  readonly reason: string
  /** Seconds: Min-Expires of a 423, Retry-After of a 503. */
  readonly seconds?: number | undefined
}

export function refusal(status: number, reason: string, seconds?: number): Refusal {
  return { status, reason, seconds }
}
