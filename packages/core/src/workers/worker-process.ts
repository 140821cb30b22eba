/** One worker process as the primary sees it, from its start to its end. A replacement is another one. */
import { fork, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Link, type Handlers } from './link.ts'
import type { Orders, Questions, Reports, Wishes } from './protocol.ts'

type ToWorker = Link<Questions, Orders, Wishes, Reports>

export class WorkerProcess {
  readonly link: ToWorker
  /** Resolves with how it ended: `SIGKILL`, `exit code 1`. */
  readonly ended: Promise<string>
  readonly #child: ChildProcess

  /** `workers`: how many there are. */
  constructor(handlers: Handlers<Wishes, Reports>, workers: number) {
    const execArgv = [...process.execArgv.filter(isInherited), ...markingFlag(workers)]
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const
    this.#child = fork(fileURLToPath(new URL('./worker-main.js', import.meta.url)), { execArgv, stdio: [...stdio] })
    this.link = new Link(this.#child, handlers)
    this.ended = new Promise((resolve) => {
      const end = (how: string): void => {
        this.link.close(new WorkerEnded(`it has ended by ${how}`))
        resolve(how)
      }
      this.#child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`))
      // Not once: nobody else hears of a second one, which would end the primary.
      this.#child.on('error', (error) => this.#child.pid === undefined && end(error.message))
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** It ends when it notices, which is at once. */
  disconnect(): void {
    if (this.#child.connected) this.#child.disconnect()
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}

/** What a question comes to when the process that was asked is no more. */
export class WorkerEnded extends Error {}

/** As the command line sets it for a process alone, where the reason stands: here each has a core of its own, or not even that. */
function markingFlag(workers: number): string[] {
  return availableParallelism() > workers ? [] : ['--no-concurrent-marking']
}

/** Each process would want the debugger's port for itself. */
function isInherited(flag: string): boolean {
  return !flag.startsWith('--inspect')
}
