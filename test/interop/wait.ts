/** Waiting for a condition of the world outside: asked again and again, up to a deadline, and named when it fails. */
import { setTimeout as delay } from 'node:timers/promises'

const INTERVAL = 20

export interface WaitOptions {
  /** Milliseconds. */
  timeout?: number
  /** Says why it is hopeless, so that nobody waits for the deadline. */
  hopeless?: () => string | undefined
}

/** Resolves with the first truthy answer. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  { timeout = 10_000, hopeless }: WaitOptions = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeout
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    const reason = hopeless?.()
    if (reason) throw new Error(`${what}: ${reason}`)
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeout} ms`)
    await delay(INTERVAL)
  }
}

/** Whether `promise` settled within `ms`; it goes on if it did not. */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const abort = new AbortController()
  const late = delay(ms, false, { signal: abort.signal }).catch(() => false)
  const settled = await Promise.race([promise.then(() => true), late])
  abort.abort()
  return settled
}
