import { expect, it } from 'vitest'
import { median, percentile, percentiles, regression, windowMinima } from './stats.mjs'

it('the median is the middle value, or between the two', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5])
})

it('percentiles are values that were measured, and 0 where none were', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)
  expect(percentiles(hundred)).toEqual({ p50: 51, p95: 96, p99: 100, max: 100 })
  expect(percentile([], 0.5)).toBe(0)
})

it('the slope of points on a line is exact', () => {
  const line = regression([0, 1, 2, 3, 4].map((x) => [x, 7 + 3 * x]))
  expect(line.slope).toBeCloseTo(3)
  expect(line.spread).toBeCloseTo(0)
})

it('the slope and its spread are those of a textbook', () => {
  // y = 2x with residuals of 1, -1, -1, 1: s² = 4/2, Sxx = 5, t(2) = 4.303.
  const { slope, spread } = regression([
    [0, 1],
    [1, 1],
    [2, 3],
    [3, 7],
  ])
  expect(slope).toBeCloseTo(2)
  expect(spread).toBeCloseTo(4.3 * Math.sqrt(2 / 5), 2)
})

it.each([
  [10, 2.228],
  [30, 2.042],
  [100, 1.984],
])('with %i degrees of freedom the spread is %f standard errors', (degrees, t) => {
  // Residuals of ±1 in pairs that cancel: the slope is 0 and the standard error is known.
  const points = Array.from({ length: degrees + 2 }, (_, i) => [i, 0])
  points[0][1] = points.at(-1)[1] = 1
  const { slope, spread } = regression(points)
  const n = degrees + 2
  const rest = 2 * (1 - 2 / n) ** 2 + (n - 2) * (2 / n) ** 2
  const width = (n * (n * n - 1)) / 12
  expect(slope).toBeCloseTo(0)
  expect(spread / Math.sqrt(rest / degrees / width)).toBeCloseTo(t, 1)
})

it('two points are no line', () => {
  expect(
    regression([
      [0, 1],
      [1, 2],
    ]),
  ).toBeUndefined()
})

it('minima of windows are whole points, and an incomplete window is none', () => {
  const points = [5, 3, 4, 9, 8, 7, 1].map((y, x) => [x, y])
  expect(windowMinima(points, 3)).toEqual([
    [1, 3],
    [5, 7],
  ])
})
