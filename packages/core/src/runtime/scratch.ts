/**
 * Evaluates bundles off the call path: in a thread that is thrown away, so that a top level that loops, fills the memory or ends the process
 * stops no call. A thread stands ready, since starting one takes longer than everything else here.
 */
import { Worker } from 'node:worker_threads'
import type { Bundle } from '../build/bundle.ts'
import { endThread } from '../timers/end-thread.ts'
import { SignalboxError } from '../errors.ts'
import type { ArmedName } from './armed-names.ts'
import { generationFile, refusedTopLevel } from './load.ts'
import type { Report, Trial } from './scratch-worker.ts'
import { stackOfLoop } from './stack-of-loop.ts'
import { StackMap } from './stack-map.ts'

export interface ScratchOptions {
  /** Places in sources are shown relative to this. */
  readonly root: string
  /** How long a top level may take, in milliseconds. */
  readonly deadline?: number
  /** The compiled `scratch-worker.ts`. */
  readonly file?: URL
}

/** A top level only registers, which takes a few milliseconds. */
const DEADLINE = 2_000

/** In megabytes: what a top level that fills the memory may take from the calls. */
const MEMORY = 512

export class Scratch {
  readonly #root: string
  readonly #deadline: number
  readonly #file: URL
  #spare: Worker | undefined
  #isClosed = false

  constructor({ root, deadline = DEADLINE, file = new URL('./scratch-worker.js', import.meta.url) }: ScratchOptions) {
    this.#root = root
    this.#deadline = deadline
    this.#file = file
    this.#spare = this.#start()
  }

  /** Resolves with the names that the bundle arms. Rejects with what loading it would throw, or with `BAD_BUNDLE` where it did not end. */
  async evaluate(bundle: Bundle, number: number): Promise<readonly ArmedName[]> {
    const worker = this.#spare ?? this.#start()
    this.#spare = undefined
    try {
      return await this.#tried(worker, { bundle, number, root: this.#root })
    } finally {
      await endThread(worker)
      if (!this.#isClosed) this.#spare = this.#start()
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#spare?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(this.#file, {
      name: 'signalbox-scratch',
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MEMORY },
      // What a top level prints is printed when the main thread evaluates it.
      stdout: true,
      stderr: true,
    })
    worker.stdout.resume()
    worker.stderr.resume()
    // A spare thread that fails is found out when it is used; it keeps no process from ending.
    worker.on('error', () => undefined)
    worker.unref()
    return worker
  }

  #tried(worker: Worker, trial: Trial): Promise<readonly ArmedName[]> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined
      const refuse = (error: SignalboxError): void => {
        clearTimeout(timer)
        reject(error)
      }
      worker.on('message', (report: Report) => {
        if (report.kind === 'begun') timer = setTimeout(() => void this.#late(trial).then(refuse), this.#deadline)
        else if (report.kind === 'refused') refuse(new SignalboxError(report.code, report.message, report.problems))
        else {
          clearTimeout(timer)
          resolve(report.armed)
        }
      })
      worker.on('error', (error) => refuse(failure(error)))
      worker.on('exit', () => refuse(refusedTopLevel('the top level ended its thread, as process.exit does')))
      worker.ref()
      worker.postMessage(trial)
    })
  }

  /** With the line where it is at this moment, if that can be had. */
  async #late({ bundle, number }: Trial): Promise<SignalboxError> {
    const file = generationFile(number)
    const stack = await stackOfLoop(this.#file.href, file).catch(() => undefined)
    const place = stack === undefined ? undefined : new StackMap(file, bundle.map, this.#root).placeOf(stack)
    return refusedTopLevel(`the top level did not end within ${this.#deadline} ms`, place)
  }
}

function failure(error: NodeJS.ErrnoException): SignalboxError {
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return refusedTopLevel(`the top level took more than ${MEMORY} MB of memory`)
  return refusedTopLevel(`the thread that was to evaluate the routes failed: ${error.message}`)
}
