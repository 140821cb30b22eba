/**
 * Tells the admission when more comes in than is worked off: looks at the queues in front of the sockets, and only while the event loop finds
 * work whenever it looks. New calls are turned away while what waits in a queue would wait too long, or soon not fit, two looks in a row, and let
 * in as soon as it does not.
 */
import { performance } from 'node:perf_hooks'
import type { Admission } from './admission.ts'
import type { CallLog } from './runtime/options.ts'

/** What is watched: the queue in front of a socket, in bytes as the kernel counts them. */
export interface Watched {
  readonly room: number
  queued(): number
}

/** What the event loop tells, in milliseconds: the time, and for how much of it there was nothing to do. */
export interface Loop {
  now(): number
  waited(): number
}

const realLoop: Loop = {
  now: () => performance.now(),
  waited: () => performance.eventLoopUtilization().idle,
}

/** Milliseconds between two looks. */
const INTERVAL = 20
/** Milliseconds that a message may wait in a queue. */
const TOO_LONG = 150
/** The part of a queue's room that may be taken. */
const TOO_FULL = 0.25
/** What the kernel counts for a datagram of some hundred bytes. */
const DATAGRAM = 1280
/** Milliseconds without anything to do between two looks: the queues were empty. */
const PAUSE = 1
/** A look at the queues takes the longer the more sockets the machine has, and a media relay has thousands: it gets this part of the time. */
const SHARE = 0.05

export class OverloadWatch {
  readonly #sockets: readonly Watched[]
  readonly #admission: Admission
  readonly #log: CallLog
  readonly #loop: Loop
  /** Runs from the first message on, until a look finds that none has come. */
  #timer: NodeJS.Timeout | undefined
  #messages = 0
  #lookedAt = 0
  #waited = 0
  #nextRead = 0
  #wasTooMuch = false

  constructor(sockets: readonly Watched[], admission: Admission, log: CallLog, loop: Loop = realLoop) {
    this.#sockets = sockets
    this.#admission = admission
    this.#log = log
    this.#loop = loop
  }

  /** A message came. */
  received(): void {
    this.#messages++
    this.#timer ??= setInterval(() => this.look(), INTERVAL).unref()
  }

  look(): void {
    const [now, waited] = [this.#loop.now(), this.#loop.waited()]
    const pace = this.#messages / (now - this.#lookedAt)
    if (this.#messages === 0 && !this.#wasTooMuch) this.close()
    const hadPause = waited - this.#waited >= PAUSE
    this.#messages = 0
    this.#lookedAt = now
    this.#waited = waited
    if (hadPause) this.#found(false)
    else if (now >= this.#nextRead) this.#found(this.#isTooMuch(pace, now))
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** `pace`: messages worked off in a millisecond. */
  #isTooMuch(pace: number, began: number): boolean {
    const most = pace * TOO_LONG * DATAGRAM
    const isTooMuch = this.#sockets.some((socket) => socket.queued() > Math.min(most, socket.room * TOO_FULL))
    const ended = this.#loop.now()
    this.#nextRead = ended + (ended - began) / SHARE
    return isTooMuch
  }

  /** One look may come after a standstill of the machine, when nothing was worked off and all that came waits: the second one knows. */
  #found(isTooMuch: boolean): void {
    this.#set(isTooMuch && this.#wasTooMuch)
    this.#wasTooMuch = isTooMuch
  }

  #set(isOverloaded: boolean): void {
    if (isOverloaded === this.#admission.isOverloaded) return
    this.#admission.isOverloaded = isOverloaded
    this.#log.warn(isOverloaded ? 'overloaded: new calls are answered 503' : 'no longer overloaded')
  }
}
