import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { realClock } from './clock.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('wakes late rather than at once where the time is more than Node can wait', () => {
  const wake = vi.fn<() => void>()
  realClock.wakeAfter(1_000 * 3_600_000, wake)
  vi.advanceTimersByTime(2 ** 31 - 2)
  expect(wake).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(wake).toHaveBeenCalledOnce()
})
