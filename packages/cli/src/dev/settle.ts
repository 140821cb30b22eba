/** Turns many events of a watcher into few: what was saved is delivered once nothing more comes for a moment. */

/** An editor that empties a file before it writes it causes two events; the bundle between them is not wanted. */
const SETTLE_MS = 20

/** So soon after a delivery it is no person who saves: a tool rewrites many files. Then the moment is longer. */
const BURST_MS = 250
const SETTLE_IN_BURST_MS = 100

export function settle(deliver: (files: Set<string>) => void): (file: string) => void {
  let files = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let delivered = -BURST_MS
  return (file) => {
    files.add(file)
    clearTimeout(timer)
    const isBurst = performance.now() - delivered < BURST_MS
    timer = setTimeout(
      () => {
        const saved = files
        files = new Set()
        delivered = performance.now()
        deliver(saved)
      },
      isBurst ? SETTLE_IN_BURST_MS : SETTLE_MS,
    )
  }
}
