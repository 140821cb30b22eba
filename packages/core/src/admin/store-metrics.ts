/** The database in Prometheus' words. */
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Store } from '../store/store.ts'

export function addStoreMetrics(registry: Registry, store: Store): void {
  const registers = [registry]
  new Gauge({
    name: 'signalbox_database_up',
    help: '0 while the database is known to be away',
    aggregator: 'min',
    registers,
    collect() {
      this.set(store.isUp ? 1 : 0)
    },
  })
  new Counter({
    name: 'signalbox_database_queries_total',
    help: 'Queries of routes',
    labelNames: ['result'],
    registers,
    collect() {
      this.reset()
      for (const [result, count] of Object.entries(store.statistics.counts)) this.inc({ result }, count)
    },
  })
  new Counter({
    name: 'signalbox_database_query_seconds_total',
    help: 'Seconds that all queries together took',
    registers,
    collect() {
      this.reset()
      this.inc(store.statistics.time / 1_000)
    },
  })
}
