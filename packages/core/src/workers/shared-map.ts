/**
 * What one worker has and all others know: contacts by address-of-record, trunks by their `l_uuid`. Worker 0 tells the primary of each change, the primary
 * keeps it, passes it on, and tells all of it to a worker that starts, also to another worker 0.
 */

export type Topic = 'location' | 'trunks'

/** A key and what is there now; null: nothing any more. */
export type Entry = readonly [key: string, value: unknown]

/** Entries of one message: what is behind them in the channel does not wait for long. */
const PAGE = 500

export class SharedMap {
  readonly #values = new Map<string, unknown>()
  /** All of it was told. */
  isWhole = false

  take({ entries, isWhole }: { entries: readonly Entry[]; isWhole?: boolean }): void {
    if (isWhole === true) this.isWhole = true
    for (const [key, value] of entries) {
      if (value === null) this.#values.delete(key)
      else this.#values.set(key, value)
    }
  }

  /** All of it, some at a time. */
  *pages(): Iterable<readonly Entry[]> {
    let page: Entry[] = []
    for (const entry of this.#values) {
      page.push(entry)
      if (page.length < PAGE) continue
      yield page
      page = []
    }
    if (page.length > 0) yield page
  }
}

/** Gathers the keys that have changed in a turn, and tells what is there then. */
export class Publisher {
  readonly #valueOf: (key: string) => unknown
  readonly #tell: (entries: readonly Entry[]) => Promise<unknown>
  readonly #changed = new Set<string>()
  #telling: Promise<void> | undefined

  /** `valueOf`: null where there is nothing any more. */
  constructor(valueOf: (key: string) => unknown, tell: (entries: readonly Entry[]) => Promise<unknown>) {
    this.#valueOf = valueOf
    this.#tell = tell
  }

  changed(key: string): void {
    this.#changed.add(key)
    this.#telling ??= new Promise((resolve) => setImmediate(() => resolve(this.flush())))
  }

  /** Resolves when the others know what has changed in this turn; undefined where nothing has. */
  get telling(): Promise<void> | undefined {
    return this.#telling
  }

  /** At once. */
  async flush(): Promise<void> {
    this.#telling = undefined
    const entries = Array.from(this.#changed, (key): Entry => [key, this.#valueOf(key)])
    this.#changed.clear()
    const pages: Promise<unknown>[] = []
    for (let at = 0; at < entries.length; at += PAGE) pages.push(this.#tell(entries.slice(at, at + PAGE)))
    await Promise.all(pages)
  }
}
