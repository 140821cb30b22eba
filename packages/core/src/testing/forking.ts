/** A carrier behind which the call is forked: early dialogs, refusals and answers of several phones, each under a To tag of its own. */
import type { Behaviour } from './uas.ts'

/**
 * What each phone does, all at once. Provisional answers and every 2xx go back as they come, as those of a proxy that forks do (RFC 3261 §16.7);
 * refusals wait until all have ended, and then the best one goes.
 *
 * @example net.uas('127.0.0.1:5090', forks(ringing(), answer({ after: '2s' })))
 */
export function forks(...phones: Behaviour[]): Behaviour {
  return (incoming) => {
    const refusals: (() => void)[] = []
    let [best, ended] = [Infinity, 0]
    let isAnswered = false
    // All of them before one answers: then the request is let go.
    for (const [phone, leg] of phones.map((each) => [each, incoming.another()] as const)) {
      const pass = leg.answer.bind(leg)
      leg.answer = (status, headers, body) => {
        if (status < 200) return pass(status, headers, body)
        ended++
        if (status < 300) {
          isAnswered = true
          return pass(status, headers, body)
        }
        if (rank(status) < best) {
          best = rank(status)
          refusals.unshift(() => pass(status, headers, body))
        }
        if (ended === phones.length && !isAnswered) refusals[0]?.()
      }
      phone(leg)
    }
  }
}

/** RFC 3261 §16.7 step 6: a 6xx first, else the lowest class. */
function rank(status: number): number {
  return status >= 600 ? 0 : Math.floor(status / 100)
}
