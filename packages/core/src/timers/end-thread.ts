/** The end of a thread that ran what somebody else wrote. */
import type { Worker } from 'node:worker_threads'

/** Milliseconds. */
const PATIENCE = 1_000

/** Nobody waits longer for one that cannot be ended now: it reads a pipe that nobody writes to, or waits for a program. It ends when that does. */
export async function endThread(thread: Worker): Promise<void> {
  thread.unref()
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE)))
  await Promise.race([thread.terminate(), tooLate])
  clearTimeout(timer)
}
