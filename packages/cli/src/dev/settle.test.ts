import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { settle } from './settle.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function settled() {
  const deliveries: string[][] = []
  return { deliveries, saved: settle((files) => deliveries.push([...files])) }
}

test('one save is delivered after a fiftieth of a second', () => {
  const { deliveries, saved } = settled()
  saved('a')
  vi.advanceTimersByTime(19)
  expect(deliveries).toEqual([])
  vi.advanceTimersByTime(1)
  expect(deliveries).toEqual([['a']])
})

test('what is emptied and then written is one', () => {
  const { deliveries, saved } = settled()
  for (const file of ['a', 'b', 'a']) {
    saved(file)
    vi.advanceTimersByTime(15)
  }
  vi.advanceTimersByTime(1_000)
  expect(deliveries).toEqual([['a', 'b']])
})

test.each([10, 20, 21, 50, 90])('of fifty saves %i ms apart few are delivered, the last among them', (pace) => {
  const { deliveries, saved } = settled()
  for (let save = 1; save <= 50; save++) {
    saved(`${save}`)
    vi.advanceTimersByTime(pace)
  }
  vi.advanceTimersByTime(100)
  expect(deliveries.flat()).toHaveLength(50)
  expect(deliveries.at(-1)).toContain('50')
  expect(deliveries.length).toBeLessThanOrEqual(2 + (50 * pace) / 250)
})

test('a person’s next save is as fast as the first', () => {
  const { deliveries, saved } = settled()
  saved('a')
  vi.advanceTimersByTime(300)
  saved('b')
  vi.advanceTimersByTime(20)
  expect(deliveries).toEqual([['a'], ['b']])
})
