/** What `node --trace-gc` writes: the heap after each full collection, which is what lives, without the garbage on top. */

const LINE =
  /^\[(\d+:\w+)\]\s+(\d+) ms: (Scavenge|Mark-Compact)\b.*? ([\d.]+) \(([\d.]+)\) -> ([\d.]+) \(([\d.]+)\) MB.*? ([\d.]+) \/ [\d.]+ ms/gm

/**
 * `full`: `[milliseconds since the start, bytes that live]` for each; `longest`: milliseconds that one collection of any kind stopped the thread for. Of the thread that collects most,
 * since others write here too.
 */
export function parseGcLog(text) {
  const all = Array.from(text.matchAll(LINE), ([, isolate, at, kind, , , after, , pause]) => ({
    isolate,
    at: Number(at),
    kind,
    after: Number(after) * 2 ** 20,
    pause: Number(pause),
  }))
  const counts = new Map()
  for (const { isolate } of all) counts.set(isolate, (counts.get(isolate) ?? 0) + 1)
  const [main] = [...counts].toSorted(([, a], [, b]) => b - a)[0] ?? []
  const own = all.filter(({ isolate }) => isolate === main)
  const full = own.filter(({ kind }) => kind === 'Mark-Compact').map(({ at, after }) => [at, after])
  return { full, longest: own.reduce((most, { pause }) => Math.max(most, pause), 0) }
}
