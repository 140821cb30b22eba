import { expect, it } from 'vitest'
import { growthOf, verdictOf } from './soak-report.mjs'

const SECOND = 1000

/** A minute at 100 calls a second, with a collection every second. */
function grown(bytesPerCall, noise = () => 0) {
  const samples = Array.from({ length: 60 }, (_, i) => ({ at: (i + 1) * SECOND, rss: 2e8 + (i % 3) * 1e6 }))
  const collections = samples.map(({ at }, i) => [at, 5e7 + (at / SECOND) * 100 * bytesPerCall + noise(i)])
  return growthOf({ samples, collections, callsPerSecond: 100 })
}

const jitter = (i) => (i % 2 === 0 ? 20_000 : -20_000)

it('memory that stays is flat, also where it was filling at first', () => {
  const { verdict, live, collections } = grown(0, (i) => (i < 20 ? -1e7 : 0))
  expect([verdict, collections]).toEqual(['flat', 30])
  expect(live.slope).toBe(0)
})

it('a few bytes for each call are growth, noise or not', () => {
  const { verdict, live } = grown(48, jitter)
  expect(verdict).toBe('grows')
  expect(Math.abs(live.slope - 48)).toBeLessThan(live.spread)
})

it('what noise could hide is not called flat', () => {
  expect(grown(0, (i) => jitter(i) * 50).verdict).toBe('not clear')
  expect(growthOf({ samples: [], collections: [], callsPerSecond: 100 }).verdict).toBe('not clear')
})

it('resident memory is taken at the lowest of its sawtooth', () => {
  expect(grown(0).resident.slope).toBeCloseTo(0)
})

it('what shrinks is flat', () => {
  expect(verdictOf({ slope: -20, spread: 5 })).toBe('flat')
  expect(verdictOf({ slope: 9, spread: 2 })).toBe('grows')
})
