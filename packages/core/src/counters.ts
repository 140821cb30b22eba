/**
 * What the core counts. Labels come from fixed lists, never from the network, so nothing here can grow. `admin/metrics.ts` shows it to
 * Prometheus.
 */
import { methods } from './message/methods.ts'

/** One counter with one label. */
export class Counter {
  /** A label's count in a cell of its own: counting looks the label up once. */
  readonly #cells = new Map<string, { count: number }>()
  readonly #labels: ReadonlySet<string> | undefined

  /** With `labels`, any other one counts as `other`. */
  constructor(labels?: readonly string[]) {
    this.#labels = labels && new Set(labels)
  }

  add(label: string): void {
    const cell = this.#cells.get(label)
    if (cell === undefined) this.#addAnother(label)
    else cell.count++
  }

  get(label: string): number {
    return this.#cells.get(label)?.count ?? 0
  }

  *entries(): IterableIterator<[string, number]> {
    for (const [label, { count }] of this.#cells) yield [label, count]
  }

  #addAnother(label: string): void {
    if (this.#labels?.has(label) === false && label !== OTHER) return this.add(OTHER)
    this.#cells.set(label, { count: 1 })
  }
}

const OTHER = 'other'

export class Counters {
  /** Requests received, by method. */
  readonly requests = new Counter(methods)
  /** Responses received, by class: `1xx` … `6xx`. */
  readonly responses = new Counter()
  /** Messages that got no answer, by reason. */
  readonly dropped = new Counter()
  /** Messages answered 400 and the like before any route saw them, by reason. */
  readonly rejected = new Counter()
  /** Requests answered 503 before they cost anything, by reason. */
  readonly turnedAway = new Counter()
  /** What the proxy noticed. */
  readonly proxy = new Counter()
  /** `thrown`: a handler threw. `escaped`: what nobody awaits did. `deadline`, `cpu`: given up. */
  readonly routes = new Counter()
  /** `taken`, `refused`. */
  readonly reloads = new Counter()
}
