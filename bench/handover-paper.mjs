/**
 * What more cores would give, computed from what was measured on few: no lock and no memory that cores fight for is in it, and no batch that gets
 * smaller because there are more to send to.
 */

/** `work`: µs of one worker per datagram today, receiving included. Datagrams per second, and the part of cores × one worker alone that this is. */
export function onPaper({ receive, owner, handOver, dealer, served }, work) {
  return [2, 4, 8, 16].map((cores) => {
    const ideal = (cores * 1e6) / work
    const side = (rate) => ({ rate, part: rate / ideal })
    // All but one of n calls come to another worker than their own.
    const spread = (cores * 1e6) / (work + owner + handOver * (1 - 1 / cores))
    // The receiver has one core at most; what it leaves of it is the workers'.
    const deal = Math.min((cores * 1e6) / (work - receive + served + dealer), 1e6 / dealer)
    return { cores, spread: side(spread), deal: side(deal) }
  })
}
