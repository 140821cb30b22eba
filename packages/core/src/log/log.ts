/**
 * The proxy's log: one line per call on stdout, JSON for machines and readable text on a terminal, collected and written in batches so that
 * no call waits for it. Passwords never come here.
 */
import { pino, type DestinationStream, type Logger } from 'pino'
import { PinoPretty } from 'pino-pretty'
import type { CallLog } from '../runtime/options.ts'

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly format: 'auto' | 'json' | 'text'
}

export interface Log extends CallLog {
  /** The same log with the Call-ID on each line. */
  ofCall(callId: string): CallLog
  /** From now on, for every call. */
  setLevel(level: LogOptions['level']): void
  /** Writes what is collected and waits for no more. */
  close(): void
}

/** How long a batch that is being written may take at the end, in milliseconds. */
const UNDER_WAY = 10
/** How long a line may wait for others, in milliseconds. */
const BATCH = 50
/** Characters, and bytes, that are written without waiting. */
const BATCH_SIZE = 8_192
/** Bytes that get into a pipe in one piece, whoever else writes (POSIX: PIPE_BUF). */
const AT_ONCE = 4_096
/** Bytes that wait while nothing can be written, as on a full disk; further lines are lost. */
const KEPT = 8 << 20

/** Whose log it is. */
interface Writer {
  /** Where lines go: stdout for a server. */
  readonly fd?: number
  /** Which of several that write to the same place; a worker's number stands on its lines. */
  readonly who?: 'primary' | number | undefined
}

export function openLog({ level, format }: LogOptions, { fd = 1, who }: Writer = {}): Log {
  const size = who === undefined ? BATCH_SIZE : AT_ONCE
  const lines = new Lines(size)
  // Before the destination hears of it, which takes nothing more then.
  const handOver = (): void => lines.handOver()
  process.once('beforeExit', handOver)
  const maxWrite = who === undefined ? {} : { maxWrite: AT_ONCE }
  const stdout = pino.destination({ fd, sync: false, minLength: size / 2, ...maxWrite, maxLength: KEPT })
  lines.destination = stdout
  outliveFullDisk(stdout)
  const text = format === 'text' || (format === 'auto' && process.stdout.isTTY)
  const worker = typeof who === 'number' ? who : undefined
  const base = worker === undefined ? null : { worker }
  const logger = pino(
    { level, base, timestamp: pino.stdTimeFunctions.isoTime, formatters },
    text ? pretty(stdout) : lines,
  )
  const flushed = (): void => {
    lines.handOver()
    stdout.flush()
  }
  lines.began = () =>
    void (flushing ??= setTimeout(() => {
      flushing = undefined
      flushed()
    }, BATCH).unref())
  // Text goes there line by line, past what is gathered here.
  let flushing = text ? setInterval(flushed, BATCH).unref() : undefined
  const close = (): void => {
    process.off('beforeExit', handOver)
    process.off('exit', close)
    clearTimeout(flushing)
    // What the thread pool is writing right now is waited for by nobody else.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, UNDER_WAY)
    lines.handOver()
    stdout.flushSync()
  }
  process.once('exit', close)
  const sink = { logger, lines: text ? undefined : lines, base: worker === undefined ? '' : `"worker":${worker},` }
  return Object.assign(new CallLogger(sink, undefined), {
    ofCall: (callId: string) => new CallLogger(sink, callId),
    setLevel: (next: LogOptions['level']) => void (logger.level = next),
    close,
  })
}

/** Gathers lines: the destination looks at all that it holds for each piece that it is given. */
class Lines {
  destination: { write(lines: string): unknown } | undefined
  /** Told that there is something to be handed over. */
  began: () => void = () => undefined
  /** Characters that are handed over in one piece, if a line is no longer. */
  readonly #size: number
  #gathered = ''

  constructor(size: number) {
    this.#size = size
  }

  write(line: string): void {
    if (this.#gathered.length + line.length > this.#size) this.handOver()
    if (this.#gathered === '') this.began()
    this.#gathered += line
  }

  handOver(): void {
    if (this.#gathered !== '') this.destination?.write(this.#gathered)
    this.#gathered = ''
  }
}

/** Nobody waits for room: not a call, not the end of the process, where pino calls `flushSync` too, which tries for ever. */
function outliveFullDisk(stdout: ReturnType<typeof pino.destination>): void {
  let isFailing = false
  stdout.on('error', () => (isFailing = true))
  stdout.on('write', () => (isFailing = false))
  const flushSync = stdout.flushSync.bind(stdout)
  stdout.flushSync = () => {
    if (!isFailing) flushSync()
  }
}

const formatters = { level: (label: string) => ({ level: label }) }

function pretty(destination: DestinationStream): DestinationStream {
  return PinoPretty({
    colorize: process.stdout.isTTY,
    destination,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'callId,worker',
    messageFormat: (line) => withCallId(line as Record<string, unknown> & Line),
    sync: true,
  })
}

interface Line {
  msg: string
  callId?: string
}

/** What a terminal would take for an order: a peer's words are in the lines. The lines of a stack stay. */
// eslint-disable-next-line no-control-regex
const orders = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g

/** Not by a template: PinoPretty would fill in what a Call-ID has in { }. */
function withCallId({ msg, callId }: Line): string {
  const line = callId === undefined ? msg : `${msg} (${callId})`
  return typeof line === 'string' ? line.replace(orders, '\uFFFD') : line
}

/** `lines` where they are JSON. */
interface Sink {
  readonly logger: Logger
  readonly lines: Lines | undefined
  /** What stands on every line. */
  readonly base: string
}

/** One object per call that logs: cheaper than a child logger. */
class CallLogger implements CallLog {
  readonly #sink: Sink
  readonly #callId: string | undefined

  constructor(sink: Sink, callId: string | undefined) {
    this.#sink = sink
    this.#callId = callId
  }

  debug(message: string): void {
    this.#write('debug', message)
  }

  info(message: string): void {
    this.#write('info', message)
  }

  warn(message: string): void {
    this.#write('warn', message)
  }

  error(message: string): void {
    this.#write('error', message)
  }

  /** What pino would write; a route may hand in something that is no string, which is pino's to show. */
  #write(level: LogOptions['level'], message: string): void {
    const { logger, lines, base } = this.#sink
    const callId = this.#callId
    if (lines !== undefined && typeof message === 'string') {
      if (!logger.isLevelEnabled(level)) return
      const ofCall = callId === undefined ? '' : '"callId":' + JSON.stringify(callId) + ','
      lines.write(`{"level":"${level}","time":"${isoTime()}",${base}${ofCall}"msg":${JSON.stringify(message)}}\n`)
    } else if (callId === undefined) logger[level](message)
    else logger[level]({ callId }, message)
  }
}

/** Of the second that was asked for last. */
const second = { number: NaN, text: '' }

function isoTime(): string {
  const now = Date.now()
  const number = Math.floor(now / 1_000)
  if (number !== second.number) {
    second.number = number
    second.text = new Date(now).toISOString().slice(0, -'000Z'.length)
  }
  return second.text + String(now % 1_000).padStart(3, '0') + 'Z'
}
