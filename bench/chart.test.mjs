import { expect, it } from 'vitest'
import { curve, table, thinned } from './chart.mjs'

it('a table is as wide as its widest cells', () => {
  expect(
    table([
      ['', 'a'],
      ['name', '1'],
    ]),
  ).toBe('|      | a   |\n| ---- | --- |\n| name | 1   |')
})

it('a curve stands on zero', () => {
  expect(curve([100, 50, 0, 25], { height: 2, unit: 'MB' })).toBe('  100 MB │█\n   50 MB │██ ▄')
})

it('many values become the lowest of each group', () => {
  expect(thinned([5, 4, 3, 9, 8], 3)).toEqual([4, 3, 8])
  expect(thinned([5, 4], 3)).toEqual([5, 4])
})
