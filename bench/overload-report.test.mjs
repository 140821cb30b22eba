import { expect, it } from 'vitest'
import { faultsOf, recoveryOf, summaryOf } from './overload-report.mjs'

const call = (at, ms, kind = 'answered') => ({ at, ms, kind })

/** A second of 20 calls, half of them refused, then calls that succeed but for the second. */
function summary() {
  const offered = Array.from({ length: 20 }, (_, i) =>
    i % 2 === 0 ? call(50 + i * 50, 40) : call(50 + i * 50, 5, 'refused'),
  )
  const load = { calls: offered, began: 1_000, offered: 20, failed: 0, retransmissions: 3, sippLoad: 0.5 }
  const rest = { calls: [call(20, 4), call(70, 8, 'refused'), call(900, 4)], began: 2_000, failed: 0 }
  return { ...summaryOf(load, rest, 1), refused: { overload: 10 }, othersLoad: 0.01 }
}

it('answered calls are counted and timed, and the times of both loads brought together', () => {
  const { answeredPerSecond, times, reached, after } = summary()
  expect(answeredPerSecond).toBe(10)
  expect(times).toMatchObject({ p50: 40, max: 40 })
  expect(reached).toBeCloseTo(20 / 0.95)
  // The last was placed at 2000, the second of the others at 2070.
  expect(after.recovery).toBe(70)
})

it('recovery lasts until the last call that was refused, hung up or late', () => {
  expect(recoveryOf([call(10, 4), call(30, 5)])).toBe(0)
  expect(recoveryOf([call(10, 4), call(300, 600), call(400, 3, 'refused'), call(500, 4)])).toBe(400)
})

it('the promise is kept, or what is wrong is said', () => {
  expect(faultsOf(summary())).toEqual([])
  const { after } = summary()
  const bad = {
    times: { max: 1_200 },
    lost: 1,
    refused: { transactions: 3 },
    reached: 12,
    sippLoad: 0.95,
    othersLoad: 0.3,
    after: { ...after, recovery: 900, lost: 2 },
  }
  expect(faultsOf({ ...summary(), ...bad })).toHaveLength(9)
})
