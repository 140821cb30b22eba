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

/** How long a line may wait for others, in milliseconds. */
const BATCH = 50
/** Bytes that are written without waiting. */
const BATCH_SIZE = 8_192
/** Bytes that get into a pipe in one piece, whoever else writes (POSIX: PIPE_BUF). */
const AT_ONCE = 4_096
/** Bytes that wait while nothing can be written, as on a full disk; further lines are lost. */
const KEPT = 8 << 20

/** `who`: which of several that write to the same place; a worker's number stands on its lines. */
export function openLog({ level, format }: LogOptions, who?: 'primary' | number): Log {
  const sizes = who === undefined ? { minLength: BATCH_SIZE } : { minLength: AT_ONCE / 2, maxWrite: AT_ONCE }
  const stdout = pino.destination({ fd: 1, sync: false, ...sizes, maxLength: KEPT })
  outliveFullDisk(stdout)
  const text = format === 'text' || (format === 'auto' && process.stdout.isTTY)
  const logger = pino(
    {
      level,
      base: typeof who === 'number' ? { worker: who } : null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters,
    },
    text ? pretty(stdout) : stdout,
  )
  const flushing = setInterval(() => stdout.flush(), BATCH).unref()
  const close = (): void => {
    process.off('exit', close)
    clearInterval(flushing)
    stdout.flushSync()
  }
  process.once('exit', close)
  return Object.assign(callLog(logger), {
    ofCall: (callId: string) => callLog(logger, callId),
    setLevel: (next: LogOptions['level']) => void (logger.level = next),
    close,
  })
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

/** Not by a template: PinoPretty would fill in what a Call-ID has in { }. */
function withCallId({ msg, callId }: Line): string {
  return callId === undefined ? msg : `${msg} (${callId})`
}

/** One object per call that logs: cheaper than a child logger. */
class CallLogger implements CallLog {
  readonly #logger: Logger
  readonly #callId: string | undefined

  constructor(logger: Logger, callId: string | undefined) {
    this.#logger = logger
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

  #write(level: 'debug' | 'info' | 'warn' | 'error', message: string): void {
    if (this.#callId === undefined) this.#logger[level](message)
    else this.#logger[level]({ callId: this.#callId }, message)
  }
}

function callLog(logger: Logger, callId?: string): CallLog {
  return new CallLogger(logger, callId)
}
