/** What the primary counts itself, and the sums over all workers, also those that have ended. */
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client'
import type { Counter as CoreCounter } from '../counters.ts'
import { countsOf, mergeMetrics, type Metric } from './merge.ts'
import type { Slot } from './slot.ts'

export class Sums {
  readonly #own = new Registry()
  /** What each worker said last. */
  readonly #last = new Map<number, Metric[]>()
  #departed: Metric[][] = []

  constructor(slots: readonly Slot[], reloads: CoreCounter) {
    const registers = [this.#own]
    collectDefaultMetrics({ register: this.#own })
    new Counter({
      name: 'signalbox_reloads_total',
      help: 'Reloads',
      labelNames: ['result'],
      registers,
      collect() {
        this.reset()
        for (const [result, count] of reloads.entries()) this.inc({ result }, count)
      },
    })
    new Counter({
      name: 'signalbox_worker_restarts_total',
      help: 'How often a worker that had ended was started again',
      labelNames: ['worker'],
      registers,
      collect() {
        this.reset()
        for (const { worker, restarts } of slots) this.inc({ worker }, restarts)
      },
    })
    new Gauge({
      name: 'signalbox_workers',
      help: 'Workers by whether they serve',
      labelNames: ['state'],
      registers,
      collect() {
        const up = slots.filter(({ isUp }) => isUp).length
        this.set({ state: 'up' }, up)
        this.set({ state: 'away' }, slots.length - up)
      },
    })
  }

  /** What it had counted when it was last asked stays in the sums: a count never goes back. */
  ended(worker: number): void {
    const last = this.#last.get(worker)
    if (last !== undefined) this.#departed.push(countsOf(last))
    this.#last.delete(worker)
  }

  /** At once: who waits for others to answer could hear meanwhile that this one has ended, and count it twice. */
  heard(worker: number, metrics: Metric[]): void {
    this.#last.set(worker, metrics)
  }

  /** In Prometheus' text format. */
  async total(): Promise<string> {
    if (this.#departed.length > 1) this.#departed = [await mergeMetrics(this.#departed).getMetricsAsJSON()]
    // One that is too busy to answer has not counted less than before.
    return mergeMetrics([...this.#last.values(), ...this.#departed, await this.#own.getMetricsAsJSON()]).metrics()
  }
}
