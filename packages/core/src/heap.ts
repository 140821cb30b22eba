/** How V8 keeps the objects of a process that serves calls. */
import { setFlagsFromString } from 'node:v8'

/**
 * V8 watches which object literals outlive a collection and then makes their like among the old objects. Those of a call outlive one by chance, and
 * end with the call; until the next full collection they would keep alive all that they point to, messages and all: what a challenged call
 * leaves to be copied would be three times as much.
 */
export function expectShortLives(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
}
