/** A carrier that asks for a digest and checks it as a strict one does: its own nonces, counts that grow, the qop it offered. */
import { H } from '../message/header-names.ts'
import { readAnswer, verifyAnswer, type ReceivedAnswer } from '../uac/verify-answer.ts'
import { answer } from './behaviours.ts'
import type { Behaviour, Incoming } from './uas.ts'

/** One realm that asks. */
export interface Challenger {
  realm: string
  username: string
  password: string
  /** 407 unless 401 is wanted: which of the two headers it is. */
  status?: 401 | 407
  /** Its text: `auth`, `auth-int`, `auth,auth-int`, or something that nobody knows. Default: none. */
  qop?: string
  /** As it is to be spelled; a list makes one challenge of each, in this order; `''` names none. Default `MD5`. */
  algorithm?: string | readonly string[]
  opaque?: string
  /** How many right answers are refused because their nonce has gone stale. Default 0. */
  stale?: number
  /** RFC 7616 §3.4.4: the user's name is to come as a hash. */
  userhash?: boolean
  /** Every challenge has this nonce, as careless servers do. Default: a fresh one each time. */
  nonce?: string
}

/** Whom `challenge` lets in, and how it asks. */
export interface ChallengeOptions extends Challenger {
  /** Further realms that ask in the same response. All have to be satisfied. */
  also?: readonly Challenger[]
  /** Values of further headers of the same name, above ours: `Bearer`, `Digest realm="x` … */
  above?: readonly string[]
  /** What happens once the digest is right. Default: rings and answers. */
  next?: Behaviour
}

/** Asks for a digest (RFC 3261 §22) and checks it. A wrong one is challenged anew. */
export function challenge(options: ChallengeOptions): Behaviour {
  const { status = 407, also = [], above = [], next = answer() } = options
  const gates = [options, ...also].map((each) => new Gate(each))
  return (incoming) => {
    const shut = gates.filter((gate) => !gate.lets(incoming))
    if (shut.length === 0) return next(incoming)
    const headers: Record<string, string[]> = { [nameOf(status)]: [...above] }
    for (const gate of shut) (headers[gate.header] ??= []).push(...gate.challenges())
    incoming.answer(status, headers)
  }
}

function nameOf(status: 401 | 407): string {
  return status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate'
}

class Gate {
  readonly header: string
  readonly #options: Challenger
  readonly #algorithms: readonly string[]
  /** The count last seen with each nonce that was handed out. */
  readonly #counts = new Map<string, number>()
  #nonces = 0
  #toGoStale: number
  #isStale = false

  constructor(options: Challenger) {
    const { status = 407, algorithm = 'MD5', stale = 0 } = options
    this.#options = options
    this.#algorithms = typeof algorithm === 'string' ? [algorithm] : algorithm
    this.#toGoStale = stale
    this.header = nameOf(status)
  }

  lets({ request }: Incoming): boolean {
    this.#isStale = false
    const { status = 407, realm, username, password } = this.#options
    const given = request
      .values(status === 401 ? H.Authorization : H.ProxyAuthorization)
      .map(readAnswer)
      .find((each) => each?.realm === realm)
    if (given === undefined || !this.#isAsAsked(given)) return false
    if (!verifyAnswer(given, request, { username, password })) return false
    this.#isStale = !this.#isNext(given)
    return !this.#isStale
  }

  /** RFC 7616 §3.4: the opaque, and an algorithm and a qop that were offered. */
  #isAsAsked({ algorithm, qop, opaque, userhash }: ReceivedAnswer): boolean {
    const offered = (this.#options.qop ?? '').toLowerCase().split(/[ ,]+/)
    const spelled = (algorithm.hash + (algorithm.isSession ? '-sess' : '')).toLowerCase()
    return (
      offered.includes(qop) &&
      opaque === (this.#options.opaque ?? '') &&
      userhash === (this.#options.userhash ?? false) &&
      this.#algorithms.some((each) => (each || 'MD5').toLowerCase() === spelled)
    )
  }

  /** RFC 7616 §3.3: a nonce of ours that is fresh, with a count that has grown. */
  #isNext({ nonce, nc }: ReceivedAnswer): boolean {
    const before = this.#counts.get(nonce)
    const count = nc === '' ? 0 : parseInt(nc, 16)
    if (before === undefined || (nc !== '' && count <= before)) return false
    this.#counts.set(nonce, count)
    return this.#toGoStale-- <= 0
  }

  challenges(): string[] {
    const { realm, qop, opaque, userhash } = this.#options
    const nonce = this.#options.nonce ?? `nonce-${++this.#nonces}`
    if (!this.#counts.has(nonce)) this.#counts.set(nonce, 0)
    const rest = [
      qop === undefined ? '' : `, qop="${qop}"`,
      opaque === undefined ? '' : `, opaque="${opaque}"`,
      userhash ? ', userhash=true' : '',
      this.#isStale ? ', stale=true' : '',
    ].join('')
    const escaped = realm.replace(/["\\]/g, '\\$&')
    return this.#algorithms.map((algorithm) => {
      const named = algorithm === '' ? '' : `, algorithm=${algorithm}`
      return `Digest realm="${escaped}", nonce="${nonce}"${named}${rest}`
    })
  }
}
