/**
 * Work that is done one at a time. What is asked for meanwhile collapses into the newest: it begins when the running work has ended, and all who
 * waited get what it comes to, also those who had asked for something else.
 */
export class NewestWins<Result> {
  #running = false
  #next: Waiting<Result> | undefined

  /** Begins at once where nothing runs. */
  run(work: () => Promise<Result>): Promise<Result> {
    if (!this.#running) return this.#begin(work)
    const waiting = (this.#next ??= new Waiting())
    waiting.work = work
    return waiting.promise
  }

  async #begin(work: () => Promise<Result>): Promise<Result> {
    this.#running = true
    try {
      return await work()
    } finally {
      this.#running = false
      this.#beginNext()
    }
  }

  #beginNext(): void {
    const next = this.#next
    this.#next = undefined
    if (next !== undefined) this.#begin(next.work!).then(next.resolve, next.reject)
  }
}

class Waiting<Result> {
  work: (() => Promise<Result>) | undefined
  readonly promise: Promise<Result>
  resolve!: (result: Result) => void
  reject!: (error: unknown) => void

  constructor() {
    this.promise = new Promise<Result>((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }
}
