/** How long the timers run that the machines' effects start (RFC 3261 §17, table 4; RFC 6026 §8), in milliseconds. */
import type { Effect } from './machines.ts'

/** RFC 3261 §17.1.1.1, §17.1.2.2. */
export interface TransactionTimes {
  readonly t1: number
  readonly t2: number
  readonly t4: number
}

export const defaultTimes: TransactionTimes = { t1: 500, t2: 4_000, t4: 5_000 }

interface Resending {
  readonly timer: string
  /** `count`: how many copies were sent before. */
  ms(times: TransactionTimes, count: number): number
}

/** Timers A, E and G: over unreliable transports only. A doubles without a ceiling (§17.1.1.2), E and G up to T2 (§17.1.2.2, §17.2.1). */
export const resendings: Partial<Record<Effect, Resending>> = {
  startA: { timer: 'timerA', ms: ({ t1 }, count) => t1 * 2 ** count },
  startE: { timer: 'timerE', ms: ({ t1, t2 }, count) => Math.min(t1 * 2 ** count, t2) },
  slowE: { timer: 'timerE', ms: ({ t2 }) => t2 },
  startG: { timer: 'timerG', ms: ({ t1, t2 }, count) => Math.min(t1 * 2 ** count, t2) },
}

interface Ending {
  readonly timer: string
  ms(times: TransactionTimes, reliable: boolean): number
}

const allTime = ({ t1 }: TransactionTimes): number => 64 * t1

/** What ends a state. D is at least 32 s over unreliable transports (§17.1.1.2); over reliable ones nothing can come late: D, I, J and K are zero. */
export const endings: Partial<Record<Effect, Ending>> = {
  startB: { timer: 'timerB', ms: allTime },
  startD: { timer: 'timerD', ms: (times, reliable) => (reliable ? 0 : Math.max(32_000, allTime(times))) },
  startF: { timer: 'timerF', ms: allTime },
  startH: { timer: 'timerH', ms: allTime },
  startI: { timer: 'timerI', ms: ({ t4 }, reliable) => (reliable ? 0 : t4) },
  startJ: { timer: 'timerJ', ms: (times, reliable) => (reliable ? 0 : allTime(times)) },
  startK: { timer: 'timerK', ms: ({ t4 }, reliable) => (reliable ? 0 : t4) },
  startL: { timer: 'timerL', ms: allTime },
  startM: { timer: 'timerM', ms: allTime },
}

/** The effects that start a timer. */
export type TimerEffect = Extract<Effect, `start${string}` | 'slowE'>

export function isTimerEffect(effect: Effect): effect is TimerEffect {
  return resendings[effect] !== undefined || endings[effect] !== undefined
}
