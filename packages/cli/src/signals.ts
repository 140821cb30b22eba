/** Signals as the contract has them: SIGTERM and SIGINT ask for a drain, SIGHUP for a reload. */
import { complain } from './output.ts'

/** npm passes on the SIGINT that the terminal has sent us already. */
const SAME_KEYSTROKE_MS = 250
const EXIT_BY_SIGINT = 130

/** Resolves when the first of them comes. Repeated SIGTERMs change nothing; a second SIGINT exits at once. */
export function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    let interrupted: number | undefined
    process.on('SIGTERM', () => resolve())
    process.on('SIGINT', () => {
      if (interrupted !== undefined && performance.now() - interrupted > SAME_KEYSTROKE_MS) process.exit(EXIT_BY_SIGINT)
      interrupted ??= performance.now()
      resolve()
    })
  })
}

/** Undefined when the stop comes first: nobody is served yet, so nobody is waited for. What was begun ends with the process. */
export async function unlessStopped<Started>(
  stop: Promise<void>,
  starting: Promise<Started>,
): Promise<Started | undefined> {
  const started = await Promise.race([starting, stop])
  if (started !== undefined) return started
  complain('stopped while it was being started')
  return undefined
}

/** A SIGHUP that comes before the returned function is given something to do is heeded then: what was read at the start may have changed since. */
export function onHangup(): (reload: () => void) => void {
  let isWanted = false
  let reload = () => {
    isWanted = true
  }
  process.on('SIGHUP', () => reload())
  return (action) => {
    reload = action
    if (isWanted) reload()
  }
}
