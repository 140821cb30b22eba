/** What a carrier or a called phone does with a call: made to be combined. */
import { hash } from 'node:crypto'
import { parseDuration } from '../config/duration.ts'
import { H } from '../message/header-names.ts'
import { readChallenges } from '../uac/challenge.ts'
import type { Behaviour, Incoming } from './uas.ts'

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

export interface ChallengeOptions {
  realm: string
  username: string
  password: string
  /** 407 unless 401 is wanted. */
  status?: 401 | 407
  qop?: 'auth'
  /** What happens once the digest is right. Default: rings and answers. */
  next?: Behaviour
}

/** Asks for a digest (RFC 3261 §22) and checks it. A wrong one is challenged anew. */
export function challenge(options: ChallengeOptions): Behaviour {
  const { realm, status = 407, qop, next = answer() } = options
  let nonces = 0
  return (incoming) => {
    if (isAuthorized(incoming, options)) return next(incoming)
    const nonce = `nonce-${++nonces}`
    const value = `Digest realm="${realm}", nonce="${nonce}", algorithm=MD5${qop ? `, qop="${qop}"` : ''}`
    incoming.answer(status, { [status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate']: value })
  }
}

function isAuthorized({ request }: Incoming, { realm, username, password, status = 407 }: ChallengeOptions): boolean {
  const value = request.value(status === 401 ? H.Authorization : H.ProxyAuthorization)
  const params = readChallenges(value ?? '')[0]?.params
  if (params?.get('username') !== username || params.get('realm') !== realm) return false
  const md5 = (text: string): string => hash('md5', text, 'hex')
  const ha1 = md5(`${username}:${realm}:${password}`)
  const ha2 = md5(`${request.method}:${params.get('uri')}`)
  const middle = params.has('qop') ? [params.get('nc'), params.get('cnonce'), params.get('qop')] : []
  return params.get('response') === md5([ha1, params.get('nonce'), ...middle, ha2].join(':'))
}

/** One behaviour after another, call by call; the last one stays. */
export function inTurn(...behaviours: Behaviour[]): Behaviour {
  let next = 0
  return (incoming) => behaviours[Math.min(next++, behaviours.length - 1)]?.(incoming)
}
