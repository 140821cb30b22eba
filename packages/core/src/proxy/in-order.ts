/** Work that is done one at a time, in the order it came, though each may take its time: replies while a reply route awaits. */

export type Task = (done: () => void) => void

export class InOrder {
  readonly #tasks: Task[] = []

  get isIdle(): boolean {
    return this.#tasks.length === 0
  }

  add(task: Task): void {
    this.#tasks.push(task)
    if (this.#tasks.length === 1) this.#next()
  }

  #next(): void {
    this.#tasks[0]?.(() => {
      this.#tasks.shift()
      this.#next()
    })
  }
}
