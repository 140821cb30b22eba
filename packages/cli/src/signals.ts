/** Signals as the contract has them: SIGTERM and SIGINT ask for a drain, SIGHUP for a reload. */

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

/** Before the returned function is given something to do, SIGHUP is ignored instead of ending the process. */
export function onHangup(): (reload: () => void) => void {
  let reload = () => {}
  process.on('SIGHUP', () => reload())
  return (action) => {
    reload = action
  }
}
