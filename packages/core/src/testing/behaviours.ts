/** What a carrier or a called phone does with a call: made to be combined. */
import { parseDuration } from '../config/duration.ts'
import type { Behaviour } from './uas.ts'

/** How a call is answered. */
export interface AnswerOptions {
  /** Default 200. */
  status?: number
  /** A 180 first. Default: for an INVITE that is answered 2xx. */
  ring?: boolean
  /** How long it rings: milliseconds or `'5s'`. Default 0. */
  after?: number | string
  headers?: Record<string, string>
}

const sdp = 'v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 41000 RTP/AVP 0\r\n'

/**
 * Rings and answers. A 2xx to an INVITE has a body, and is repeated until its ACK (RFC 3261 §13.3.1.4).
 *
 * @example net.uas('127.0.0.1:5090', answer({ after: '5s' }))
 */
export function answer(options: AnswerOptions = {}): Behaviour {
  const { status = 200, headers = {}, after = 0 } = options
  return (incoming) => {
    const isInvite = incoming.request.method === 'INVITE'
    if (options.ring ?? (isInvite && status < 300)) incoming.answer(180)
    const finish = (): void => {
      if (incoming.isCanceled) return
      if (isInvite && status < 300) incoming.answer(status, { 'Content-Type': 'application/sdp', ...headers }, sdp)
      else incoming.answer(status, headers)
    }
    const ms = parseDuration(after)
    if (ms === 0) finish()
    else incoming.after(ms, finish)
  }
}

/**
 * Refuses.
 *
 * @example net.uas('127.0.0.1:5090', reject(302, { Contact: '<sip:bob@127.0.0.1:5091>' }))
 */
export function reject(status: number, headers: Record<string, string> = {}): Behaviour {
  return answer({ status, ring: false, headers })
}

/** Never answers. */
export function silent(): Behaviour {
  return () => undefined
}

/** Rings and never answers. */
export function ringing(): Behaviour {
  return (incoming) => incoming.answer(180)
}

/**
 * One behaviour after another, request by request; the last one stays.
 *
 * @example net.uas('127.0.0.1:5090', inTurn(reject(503), answer()))
 */
export function inTurn(...behaviours: Behaviour[]): Behaviour {
  let next = 0
  return (incoming) => behaviours[Math.min(next++, behaviours.length - 1)]?.(incoming)
}

/**
 * Does nothing at all for this long, milliseconds or `'700ms'`, then what `next` does. A call that was cancelled meanwhile is let be.
 *
 * @example net.uas('127.0.0.1:5090', delayed('3s', reject(503)))
 */
export function delayed(time: number | string, next: Behaviour): Behaviour {
  return (incoming) =>
    incoming.after(parseDuration(time), () => {
      if (!incoming.isCanceled) next(incoming)
    })
}

/**
 * Takes this many requests without a word, as one that is overloaded does, and goes on with `next`. Retransmissions are not counted.
 *
 * @example net.uas('127.0.0.1:5090', dropping(2, answer()))
 */
export function dropping(count: number, next: Behaviour): Behaviour {
  return inTurn(...Array.from({ length: count }, silent), next)
}
