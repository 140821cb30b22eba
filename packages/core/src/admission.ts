/**
 * Whether a request that begins a transaction is let in: not beyond the limits, not while draining, and no new call while messages pile up in
 * front of the sockets. Who is turned away gets a 503 that leaves nothing behind; requests within a dialog go first.
 */
import { H } from './message/header-names.ts'
import type { Message } from './message/message.ts'
import type { Limits } from './limits.ts'
import type { Refusal } from './proxy/validation.ts'
import type { TransactionLayer } from './transaction/layer.ts'

export type TurnedAway = 'draining' | 'transactions' | 'unanswered' | 'per_source' | 'overload'

/** What a client is told to wait, in seconds. */
const retryAfter: Record<TurnedAway, string> = {
  draining: '5',
  transactions: '5',
  unanswered: '5',
  per_source: '10',
  overload: '2',
}

const reasons: Record<TurnedAway, string> = {
  draining: 'Draining',
  transactions: 'Too Many Transactions',
  unanswered: 'Too Many Unanswered Requests',
  per_source: 'Too Many Transactions From You',
  overload: 'Overloaded',
}

export class Admission {
  isDraining = false
  /** Set by who watches the sockets: more comes in than is worked off. */
  isOverloaded = false
  readonly #limits: Limits
  readonly #count: (why: TurnedAway) => void

  constructor(limits: Limits, count: (why: TurnedAway) => void) {
    this.#limits = limits
    this.#count = count
  }

  /** The answer to a request that is turned away. */
  check(request: Message, layer: TransactionLayer): Refusal | undefined {
    const why = this.#why(request, layer)
    if (why === undefined) return undefined
    this.#count(why)
    return { status: 503, reason: reasons[why], headers: [[H.RetryAfter, retryAfter[why]]] }
  }

  #why(request: Message, layer: TransactionLayer): TurnedAway | undefined {
    const { transactions, unanswered, perSource } = this.#limits
    const isNew = request.toTag === '' && request.method !== 'CANCEL'
    if (isNew && this.isDraining) return 'draining'
    if (layer.servers >= (isNew ? transactions : transactions * 1.25)) return 'transactions'
    if (isNew && layer.unanswered() >= unanswered) return 'unanswered'
    if (isNew && layer.fromSource(request.source!.address) >= perSource) return 'per_source'
    return isNew && this.isOverloaded && request.method === 'INVITE' ? 'overload' : undefined
  }
}
