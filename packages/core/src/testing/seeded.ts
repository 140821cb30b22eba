/** Chance that is the same in each run: a simulation is to say the same twice. */

/** Numbers from 0 to 1, as `Math.random` gives them: a linear congruence, good enough to keep timers apart. */
export function seeded(seed = 1): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
