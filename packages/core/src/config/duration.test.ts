import { expect, test } from 'vitest'
import { parseDuration } from './duration.ts'

test.each([
  [0, 0],
  [500, 500],
  ['500ms', 500],
  ['90s', 90_000],
  ['0.5s', 500],
  [' 3m ', 180_000],
  ['1h', 3_600_000],
])('%j is %d ms', (written, ms) => {
  expect(parseDuration(written)).toBe(ms)
})

test.each(['', '500', '5 seconds', '-1s', 's', '1d', -1, Number.NaN, Number.POSITIVE_INFINITY])(
  '%j is refused',
  (written) => {
    expect(() => parseDuration(written)).toThrow(expect.objectContaining({ code: 'BAD_DURATION' }))
  },
)
