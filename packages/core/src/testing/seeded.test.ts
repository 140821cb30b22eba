/** Chance that can be had again. */
import { expect, it } from 'vitest'
import { seeded, seededBytes } from './seeded.ts'

const some = (seed: number, count = 1_000): number[] => {
  const next = seeded(seed)
  return Array.from({ length: count }, () => next())
}

it('is the same for the same seed, and another for the seed beside it', () => {
  expect(some(1)).toEqual(some(1))
  const [one, two] = [some(1), some(2)]
  expect(one.filter((value, i) => Math.abs(value - two[i]!) < 0.01).length).toBeLessThan(100)
})

it('is spread evenly from 0 to 1', () => {
  const values = some(3, 10_000)
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...values)).toBeLessThan(1)
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = values.filter((value) => Math.floor(value * 10) === tenth).length / values.length
    expect(Math.abs(share - 0.1)).toBeLessThan(0.02)
  }
})

it('comes as bytes too', () => {
  const [one, other] = [seededBytes(seeded(5)), seededBytes(seeded(5))]
  expect(one(16)).toEqual(other(16))
  expect(one(16)).not.toEqual(seededBytes(seeded(5))(16))
})
