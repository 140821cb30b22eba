/** What a carrier or a called phone does with a call: made to be combined. */
import { parseDuration } from '../config/duration.ts'
import type { Behaviour } from './uas.ts'

/** What `answer` puts into its 2xx, and when. */
export interface AnswerOptions {
  status?: number
  /** A 180 first. Default: for an INVITE that is answered 2xx. */
  ring?: boolean
  /** How long it rings: milliseconds or `'5s'`. Default 0. */
  after?: number | string
  headers?: Record<string, string>
}

const sdp = 'v=0\r\no=- 2 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 41000 RTP/AVP 0\r\n'

/** Rings and answers. */
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

/** Refuses. */
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

/** One behaviour after another, call by call; the last one stays. */
export function inTurn(...behaviours: Behaviour[]): Behaviour {
  let next = 0
  return (incoming) => behaviours[Math.min(next++, behaviours.length - 1)]?.(incoming)
}
