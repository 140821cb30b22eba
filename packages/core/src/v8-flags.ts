/**
 * V8 as a process needs it that serves calls. Imported before everything else; a flag set later does not reach what is compiled already.
 */
import { setFlagsFromString } from 'node:v8'

/**
 * The flags that importing this sets: what a program imports first that serves calls by `@signalbox/core`. On the wire: nothing.
 *
 * @example import '@signalbox/core/v8-flags'
 */
export const v8Flags: readonly string[] = [
  // Every script that was compiled is kept until memory runs short, so a proxy that reloads would grow by each bundle.
  '--no-compilation-cache',

  // V8 watches which object literals outlive a collection and then makes their like among the old objects. Those of a call outlive one by chance, and
  // end with the call; until the next full collection they would keep alive all that they point to: what a challenged call leaves to be copied would
  // be three times as much.
  '--no-allocation-site-pretenuring',

  // The next full collection comes when the old objects have doubled. V8 would have it come so often that collecting takes 3 % of the time that passes,
  // which of a proxy that mostly waits is a tenth of what it works.
  '--heap-growing-percent=100',

  // A function is compiled for speed once it has run for so long. Most of ours run a few times per call: a thousand calls per second took fifteen
  // seconds to get there, and each cost up to half as much again meanwhile. Later versions of V8 have another measure, and a quick compiler before the
  // thorough one.
  ...(Number.parseInt(process.versions.v8) < 12 ? ['--interrupt-budget=30000'] : []),
]

for (const flag of v8Flags) setFlagsFromString(flag)
