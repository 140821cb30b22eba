/**
 * Ends loops of the user's code past `handlers.cpu`. The main thread's part: it beats, starts the watcher's thread and tells those who were ended. A
 * call pays nothing for it.
 */
import { extname } from 'node:path'
import inspector from 'node:inspector'
import { MessageChannel, Worker } from 'node:worker_threads'
import type { CallLog } from '../runtime/options.ts'
import { mark, type Turns } from '../runtime/turns.ts'
import { CLAIM, type Report, type WatcherOptions } from './protocol.ts'

export interface WatchdogOptions {
  readonly turns: Turns
  /** `handlers.cpu`, in milliseconds. */
  readonly cpu: number
  readonly log: CallLog
  /** What nobody entered was ended, so that no call can be told. */
  endedAstray(stack: string): void
  /** With the user's lines. */
  mapStack(stack: string): string
}

export class Watchdog {
  readonly #options: WatchdogOptions
  readonly #channel = new MessageChannel()
  readonly #beat: NodeJS.Timeout | undefined
  readonly #worker: Worker | undefined
  #go: () => void = () => undefined

  constructor(options: WatchdogOptions) {
    this.#options = options
    const { turns, cpu, log } = options
    this.#hopThroughPort()
    if (isDebugged()) {
      log.warn('a debugger is attached: handlers that loop are not ended')
      return
    }
    Reflect.set(globalThis, Symbol.for(CLAIM), (values: readonly unknown[]) => turns.claim(values))
    const workerData: WatcherOptions = { marks: turns.marks, cpu }
    const file = new URL(`./watcher${extname(import.meta.url)}`, import.meta.url)
    this.#worker = new Worker(file, { workerData, execArgv: [], stdout: false })
    this.#worker.unref()
    this.#worker.on('error', (error) => this.#failed(error.message))
    this.#worker.on('message', (report: Report) => this.#told(report))
    this.#beat = setInterval(() => this.#beats(), Math.max(5, cpu / 4)).unref()
  }

  /** The watcher's session is over before this ends: the process must not exit within one. */
  async close(): Promise<void> {
    clearInterval(this.#beat)
    Reflect.deleteProperty(globalThis, Symbol.for(CLAIM))
    this.#channel.port1.close()
    await this.#worker?.terminate()
  }

  /** A message port's callback is one of the few in which code can be ended without harm; a timer's is not. */
  #hopThroughPort(): void {
    const { port1, port2 } = this.#channel
    port1.on('message', () => this.#go())
    port1.unref()
    const { turns } = this.#options
    turns.apart = (go) => void setImmediate(go)
    turns.hop = (go) => {
      this.#go = go
      port2.postMessage(undefined)
    }
  }

  #beats(): void {
    const { marks } = this.#options.turns
    marks[mark.beats]!++
    marks[mark.debugged] = isDebugged() ? 1 : 0
  }

  #told(report: Report): void {
    const { log, mapStack } = this.#options
    if (report.kind === 'failed') return this.#failed(report.message)
    if (report.kind === 'left') {
      return log.error(
        `a handler ran longer than handlers.cpu allows, where it cannot be ended:\n${mapStack(report.stack)}`,
      )
    }
    const { turns } = this.#options
    const ended = turns.takeEnded()
    if (ended === undefined) this.#options.endedAstray(report.stack)
    else ended.overran(report.stack)
    turns.end()
  }

  #failed(why: string): void {
    this.#options.log.warn(`handlers that loop are not ended: ${why}`)
  }
}

function isDebugged(): boolean {
  return inspector.url() !== undefined
}
