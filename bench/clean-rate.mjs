/** The highest rate of calls at which nothing goes wrong: doubled until something does, then halved into. */
import { setTimeout as delay } from 'node:timers/promises'

/** Steps between the highest rate known to be clean and the lowest known not to be. */
const STEPS = 4
/** A rate that is not clean is tried again, since once may have been the machine. */
const TRIES = 2
/** Of its core: a proxy that has no more than this left has no room for a burst. */
const FULL = 0.9
/** Of the rate asked for. */
const LAGGING = 0.95
/** Milliseconds for what was repeated to get through, after a rate that was too high. */
const REST = 1500

/**
 * `attempt(rate)` places calls for a moment and says what came of it; `show` is told of every attempt. Gives the rate, and what was wrong with the
 * next higher one that was tried. Throws when not even the first is clean.
 */
export async function highestCleanRate(attempt, { from = 250, rest = REST, show = () => {} } = {}) {
  let [clean, dirty, why] = [0, Infinity, []]
  const look = async (rate) => {
    const faults = await faultsAt(attempt, rate, rest, show)
    if (faults.length === 0) clean = rate
    else [dirty, why] = [rate, faults]
  }
  for (let rate = from; dirty === Infinity; rate *= 2) await look(rate)
  if (clean === 0) throw new Error(`${from} calls per second are too many already: ${why.join(', ')}`)
  for (let step = 0; step < STEPS; step++) await look(Math.round((clean + dirty) / 2))
  return { rate: clean, limit: why }
}

async function faultsAt(attempt, rate, rest, show) {
  let faults = []
  for (let i = 0; i < TRIES; i++) {
    const outcome = await attempt(rate)
    faults = faultsOf(outcome)
    show({ rate, ...outcome, faults })
    if (faults.length === 0) break
    await delay(rest)
  }
  return faults
}

/** SIPp is named when it is what is full: then the proxy's own limit is higher. */
export function faultsOf({ rate, callsPerSecond, failed, retransmissions, refused, proxyLoad, sippLoad }) {
  return [
    failed > 0 && 'calls failed',
    retransmissions > 0 && 'messages were repeated',
    Object.keys(refused).length > 0 && `calls were answered 503 (${Object.keys(refused).join(', ')})`,
    proxyLoad > FULL && 'the proxy’s core is full',
    sippLoad > FULL && 'SIPp’s core is full',
    callsPerSecond < LAGGING * rate && 'the rate was not reached',
  ].filter(Boolean)
}
