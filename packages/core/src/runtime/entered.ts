/** User code that a reload waits for: its outcome must not be lost, or there would be no reload any more. */
import type { Entry, Turns } from './turns.ts'

/**
 * Does this in a turn of its own, and settles in another: a loop that it left behind an `await` comes in between, and whoever ends that ends all that
 * waits there. Rejects with `refusal` where it was ended, even if it had returned. A promise is waited for; what bounds it is up to the caller.
 */
export function entered<Result>(
  turns: Turns,
  work: () => Result | Promise<Result>,
  refusal: (stack: string) => Error,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const settleApart = (settle: () => void): void => {
      turns.apart(() => {
        if (!turns.isEnded(entry)) settle()
      })
    }
    const entry: Entry = {
      enterUserCode: () => {
        try {
          const result = work()
          if (result instanceof Promise) result.then(resolve, reject)
          else settleApart(() => resolve(result))
        } catch (error) {
          settleApart(() => reject(error as Error))
        }
        return true
      },
      overran: (stack) => reject(refusal(stack)),
    }
    turns.add(entry)
  })
}
