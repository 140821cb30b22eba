/** What the `signalbox` bin runs. The flags come first, so the program is imported after them. */
import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import '@signalbox/core/v8-flags'

// Four threads that mark what lives, without a core of their own, leave the calls a fifth of theirs meanwhile. In the turns of the calls it takes a
// millisecond at a time. Set here alone: a mark that is under way, as it may be in a program that has loaded more, must not change its ways.
if (availableParallelism() === 1) setFlagsFromString('--no-concurrent-marking')

const { run } = await import('./program.ts')
process.exit(await run(process.argv.slice(2)))
