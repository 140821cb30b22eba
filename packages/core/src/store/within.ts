/** A promise with a deadline. */

/** Rejects after `ms`; what comes later is handed to `late`, to be given back. */
export function within<T>(ms: number, promise: Promise<T>, late?: (result: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      reject(new Error(`no answer within ${Math.max(0, Math.round(ms))} ms`))
    }, ms)
    promise.then(
      (result) => {
        clearTimeout(timer)
        if (isLate) late?.(result)
        else resolve(result)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error as Error)
      },
    )
  })
}
