/** What tests say about calls. Registered when the test kit is imported under vitest. */
import { expect } from 'vitest'
import type { Call } from './uac.ts'

expect.extend({
  toBeAnsweredWith(call: Call, status: number) {
    const { status: received, statuses } = call
    return {
      pass: received === status,
      message: () => `the call was ${this.isNot ? '' : 'not '}answered with ${status}: it got ${statuses.join(', ') || 'nothing'}`,
      expected: status,
      actual: received,
    }
  },
})

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars -- vitest's own parameter
  interface Assertion<T = any> {
    /** The final status of the call. */
    toBeAnsweredWith(status: number): void
  }
}
