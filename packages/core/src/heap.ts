/** How V8 keeps the objects of a process that serves calls. */
import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'

/** `processes`: how many there are of this kind on this machine. */
export function fitHeap(processes: number): void {
  // V8 watches which object literals outlive a collection and then makes their like among the old objects. Those of a call outlive one by chance, and
  // end with the call; until the next full collection they would keep alive all that they point to, messages and all: what a challenged call leaves
  // to be copied would be three times as much.
  setFlagsFromString('--no-allocation-site-pretenuring')
  // Four threads that mark what lives, with no core of their own, leave the calls a fifth of theirs meanwhile. In the turns of the calls it takes
  // a millisecond at a time.
  if (availableParallelism() <= processes) setFlagsFromString('--no-concurrent-marking')
}
