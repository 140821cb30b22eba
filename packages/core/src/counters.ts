/**
 * What the core counts. Labels come from fixed lists, never from the network, so nothing here can grow. `admin/metrics.ts` shows it to
 * Prometheus.
 */

const methods = [
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'REGISTER',
  'MESSAGE',
  'INFO',
  'UPDATE',
  'PRACK',
  'SUBSCRIBE',
  'NOTIFY',
  'REFER',
  'PUBLISH',
]

/** One counter with one label. */
export class Counter {
  readonly #counts = new Map<string, number>()
  readonly #labels: ReadonlySet<string> | undefined

  /** With `labels`, any other one counts as `other`. */
  constructor(labels?: readonly string[]) {
    this.#labels = labels && new Set(labels)
  }

  add(label: string): void {
    const key = this.#labels === undefined || this.#labels.has(label) ? label : 'other'
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  get(label: string): number {
    return this.#counts.get(label) ?? 0
  }

  entries(): IterableIterator<[string, number]> {
    return this.#counts.entries()
  }
}

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
