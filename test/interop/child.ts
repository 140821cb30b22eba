/**
 * One program that a test runs. It has a process group of its own, so that ending it ends its children too, and its
 * output is kept for the failure message. None outlives this process.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { settledWithin, until } from './wait.ts'

const living = new Set<Child>()

export interface ChildOptions {
  cwd: string
  env?: NodeJS.ProcessEnv
}

export class Child {
  readonly name: string
  readonly exited: Promise<number>
  readonly #process: ChildProcess
  readonly #chunks: Buffer[] = []
  #exitCode: number | undefined

  constructor(name: string, command: readonly string[], { cwd, env }: ChildOptions) {
    const [program = '', ...args] = command
    this.name = name
    this.#process = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process.stdout?.on('data', (chunk: Buffer) => this.#chunks.push(chunk))
    this.#process.stderr?.on('data', (chunk: Buffer) => this.#chunks.push(chunk))
    this.exited = this.#watchExit()
    living.add(this)
  }

  /** 0 if it never started. */
  get pid(): number {
    return this.#process.pid ?? 0
  }

  get output(): string {
    return Buffer.concat(this.#chunks).toString()
  }

  /** Waits until the program does what it is for; one that does not is ended. */
  async ready(ask: () => boolean | Promise<boolean>): Promise<this> {
    const hopeless = (): string | undefined =>
      this.#exitCode === undefined ? undefined : `it ended with exit code ${this.#exitCode}`
    try {
      await until(`${this.name} is ready`, ask, { timeout: 20_000, hopeless })
      return this
    } catch (error) {
      this.kill()
      throw new Error(`${String(error)}\n${this.output}`, { cause: error })
    }
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#exitCode === undefined) this.#process.kill(signal)
  }

  /** Asks with each signal in turn, then kills the whole group. Resolves with the exit code. */
  async stop(signals: readonly NodeJS.Signals[] = ['SIGTERM'], patience = 5_000): Promise<number> {
    for (const signal of signals) {
      this.signal(signal)
      if (await settledWithin(this.exited, patience)) break
    }
    this.kill()
    return this.exited
  }

  /** At once, children included. */
  kill(): void {
    if (!living.delete(this) || this.#process.pid === undefined) return
    try {
      process.kill(-this.#process.pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }

  async #watchExit(): Promise<number> {
    this.#exitCode = await new Promise<number>((resolve) => {
      this.#process.once('error', (error) => {
        this.#chunks.push(Buffer.from(String(error)))
        resolve(127)
      })
      this.#process.once('close', (code) => resolve(code ?? -1))
    })
    this.kill()
    return this.#exitCode
  }
}

function killAll(): void {
  for (const child of living) child.kill()
}

process.once('exit', killAll)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    killAll()
    process.exit(1)
  })
}
