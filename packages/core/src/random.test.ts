/** Portions of randomness: none is given twice, also where the pool is filled anew. */
import { expect, it } from 'vitest'
import { randomPortion } from './random.ts'

it('gives other bytes each time, of the length asked for', () => {
  const portions = Array.from({ length: 2_000 }, () => randomPortion(12).toString('hex'))
  expect(new Set(portions).size).toBe(portions.length)
  expect(portions.every((portion) => portion.length === 24)).toBe(true)
  expect(portions).not.toContain('00'.repeat(12))
})

it('gives what nobody changes afterwards', () => {
  const portion = randomPortion(16)
  const before = portion.toString('hex')
  for (let i = 0; i < 1_000; i++) randomPortion(16)
  expect(portion.toString('hex')).toBe(before)
})
