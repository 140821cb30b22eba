/** How many REGISTERs per second it takes to keep trunks registered. */
import type { Registration } from './registration.ts'
import { refreshAfter } from './timing.ts'

/** By what was granted, else asked for; at the shortest time that chance may choose. */
export function rateFor(trunks: Iterable<Registration>): number {
  let perSecond = 0
  for (const { account, row, granted = row.expires } of trunks) {
    if (account === undefined || granted === 0 || (row.flags & 1) !== 0) continue
    perSecond += 1_000 / refreshAfter(granted, () => 0)
  }
  return perSecond
}

/** Rounded up: who sets the rate to it has enough. */
export function perSecond(rate: number): number {
  return Math.ceil(rate * 10) / 10
}
