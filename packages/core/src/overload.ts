/**
 * Tells the admission when more comes in than is worked off: a few looks a second at the queues in front of the sockets, and none while it is
 * quiet. New calls are turned away while a queue holds more than a part of what fits, and let in as soon as it does not.
 */
import type { Admission } from './admission.ts'
import type { CallLog } from './runtime/options.ts'

/** What is watched: how full the queue in front of a socket is, from 0 to 1. */
export interface Watched {
  backlog(): number
}

/** Milliseconds between two looks while messages come. */
const INTERVAL = 20
/** A quarter full is some milliseconds of work: enough to know, and not enough to be felt. */
const TOO_FULL = 0.25
/** Messages in one interval below which nobody needs to look. */
const QUIET = 20

export class OverloadWatch {
  readonly #sockets: readonly Watched[]
  readonly #admission: Admission
  readonly #log: CallLog
  readonly #timer: NodeJS.Timeout
  #messages = 0

  constructor(sockets: readonly Watched[], admission: Admission, log: CallLog) {
    this.#sockets = sockets
    this.#admission = admission
    this.#log = log
    this.#timer = setInterval(() => this.look(), INTERVAL).unref()
  }

  /** A message came. */
  received(): void {
    this.#messages++
  }

  look(): void {
    const isBusy = this.#messages >= QUIET
    this.#messages = 0
    const was = this.#admission.isOverloaded
    const is = (isBusy || was) && this.#sockets.some((socket) => socket.backlog() > TOO_FULL)
    this.#admission.isOverloaded = is
    if (is !== was) this.#log.warn(is ? 'overloaded: new calls are answered 503' : 'no longer overloaded')
  }

  close(): void {
    clearInterval(this.#timer)
  }
}
