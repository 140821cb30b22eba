/** Chance that is the same in each run: a simulation is to say the same twice. */
import type { RandomBytes } from '../random.ts'

/** Numbers from 0 to 1, as `Math.random` gives them. Seeds beside each other have nothing in common: each step mixes all bits (mulberry32). */
export function seeded(seed = 1): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Bytes that anybody can guess: for simulations alone. */
export function seededBytes(random: () => number): RandomBytes {
  return (length) => Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))
}
