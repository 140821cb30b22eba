/**
 * For programs of `run-with-gc.ts`: bytes of heap that each of `count` leaves. One comes before them, for which code is compiled and tables are
 * made; what V8 compiles of it later, up to 600 kB, is shared out among them, so let them be a thousand.
 */
export function heapOfEach(count: number, begin: (i: number) => void): number {
  begin(count)
  const before = heapInUse()
  for (let i = 0; i < count; i++) begin(i)
  return (heapInUse() - before) / count
}

function heapInUse(): number {
  globalThis.gc!()
  return process.memoryUsage().heapUsed
}
