/** What tests say about calls. Registered when the test kit is imported under vitest. */
import { expect } from 'vitest'
import type { Call } from './uac.ts'

expect.extend({
  toBeAnsweredWith(call: Call, status: number) {
    const { status: received, statuses } = call
    return {
      pass: received === status,
      message: () =>
        `the call was ${this.isNot ? '' : 'not '}answered with ${status}: it got ${statuses.join(', ') || 'nothing'}`,
      expected: status,
      actual: received,
    }
  },
})

/** What `expect(call)` understands. */
export interface CallMatchers {
  /** The final status of the call. */
  toBeAnsweredWith(status: number): void
}

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars, @typescript-eslint/no-empty-object-type -- vitest's own parameter
  interface Matchers<T = any> extends CallMatchers {}
}
