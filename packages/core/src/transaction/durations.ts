/** How long the timers run that the machines' effects start (RFC 3261 §17, table 4; RFC 6026 §8), in milliseconds. */
import type { Effect } from './machines.ts'

/** RFC 3261 §17.1.1.1, §17.1.2.2. */
export interface TransactionTimes {
  readonly t1: number
  readonly t2: number
  readonly t4: number
}

export const defaultTimes: TransactionTimes = { t1: 500, t2: 4_000, t4: 5_000 }

/** The effects that start a timer. */
export type TimerEffect = Extract<Effect, `start${string}` | 'slowE'>

interface Duration {
  readonly timer: string
  /** A, E and G send the last message again, over unreliable transports only; every other one ends a state. */
  readonly resends: boolean
  /** `count`: how many copies were sent before. */
  ms(times: TransactionTimes, reliable: boolean, count: number): number
}

const allTime = ({ t1 }: TransactionTimes): number => 64 * t1

/**
 * A doubles without a ceiling (§17.1.1.2), E and G up to T2 (§17.1.2.2, §17.2.1). D is at least 32 s over unreliable transports (§17.1.1.2); over
 * reliable ones nothing can come late: D, I, J and K are zero.
 */
export const durations: Record<TimerEffect, Duration> = {
  startA: { timer: 'timerA', resends: true, ms: ({ t1 }, _, count) => t1 * 2 ** count },
  startB: { timer: 'timerB', resends: false, ms: allTime },
  startD: {
    timer: 'timerD',
    resends: false,
    ms: (times, reliable) => (reliable ? 0 : Math.max(32_000, allTime(times))),
  },
  startE: { timer: 'timerE', resends: true, ms: ({ t1, t2 }, _, count) => Math.min(t1 * 2 ** count, t2) },
  slowE: { timer: 'timerE', resends: true, ms: ({ t2 }) => t2 },
  startF: { timer: 'timerF', resends: false, ms: allTime },
  startG: { timer: 'timerG', resends: true, ms: ({ t1, t2 }, _, count) => Math.min(t1 * 2 ** count, t2) },
  startH: { timer: 'timerH', resends: false, ms: allTime },
  startI: { timer: 'timerI', resends: false, ms: ({ t4 }, reliable) => (reliable ? 0 : t4) },
  startJ: { timer: 'timerJ', resends: false, ms: (times, reliable) => (reliable ? 0 : allTime(times)) },
  startK: { timer: 'timerK', resends: false, ms: ({ t4 }, reliable) => (reliable ? 0 : t4) },
  startL: { timer: 'timerL', resends: false, ms: allTime },
  startM: { timer: 'timerM', resends: false, ms: allTime },
}
