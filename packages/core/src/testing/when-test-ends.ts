/** Ties a simulation to the test it was made in. Only loaded under vitest. */
import { onTestFinished } from 'vitest'

/** Outside a test (in `beforeAll`, say) there is nothing to tie to: then the simulation is closed by whoever made it. */
export function whenTestEnds(close: () => Promise<void>): void {
  try {
    onTestFinished(close)
  } catch (error) {
    if (!(error instanceof Error) || !/test/i.test(error.message)) throw error
  }
}
