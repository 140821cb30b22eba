/** How many queries there were, and how long they took: two additions for each. `admin/store-metrics.ts` shows it to Prometheus. */

export class QueryStatistics {
  readonly counts = { ok: 0, failed: 0 }
  /** Of all queries together, in milliseconds. */
  time = 0

  done(result: 'ok' | 'failed', ms: number): void {
    this.counts[result]++
    this.time += ms
  }
}
