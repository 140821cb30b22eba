/** Numbers that look random and are the same for the same seed, so that a finding can be had again. */

export interface Random {
  /** A whole number from 0 to `below - 1`. */
  below(below: number): number
  pick<T>(list: readonly T[]): T
  /** True once in `times`. */
  oneIn(times: number): boolean
}

export function random(seed: number): Random {
  let state = seed >>> 0
  // Mulberry32.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (limit: number): number => next() % Math.max(1, limit)
  return { below, pick: (list) => list[below(list.length)]!, oneIn: (times) => below(times) === 0 }
}

/** How many rounds a fuzz test goes: few in CI, as many as FUZZ_RUNS says by hand. */
export function fuzzRuns(usual: number): number {
  return Number(process.env['FUZZ_RUNS'] ?? usual)
}

/** The seed of a run by hand: FUZZ_SEED, else always the same. */
export function fuzzSeed(usual: number): number {
  return Number(process.env['FUZZ_SEED'] ?? usual)
}
