/** Random bytes in small portions: one call of the system serves many, since a call costs more than a digest. */
import { randomFillSync } from 'node:crypto'

/** Where unguessable bytes come from. A simulation hands in one that gives the same ones each time. */
export type RandomBytes = (length: number) => Buffer

const pool = Buffer.alloc(4_096)
let used = pool.length

/** A copy of its own: nobody else gets these bytes. */
export function randomPortion(length: number): Buffer {
  if (used + length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const portion = Buffer.from(pool.subarray(used, used + length))
  // What was handed out stays nowhere.
  pool.fill(0, used, used + length)
  used += length
  return portion
}
