/** How much the network may ask of the proxy. Each is a key of the config's `limits`; what exceeds one is answered or dropped, and counted. */
import { H } from './message/header-names.ts'
import type { Message } from './message/message.ts'
import type { Refusal } from './proxy/validation.ts'

export interface Limits {
  /** Bytes of a message. More: 513. */
  readonly messageSize: number
  /** Header fields of a message. More: 400. */
  readonly headers: number
  /** Bytes of one header field, folds included. More: 400. */
  readonly headerLength: number
  /** Bytes of a Request-URI. More: 414. */
  readonly uriLength: number
  /** Via values. More: 400. */
  readonly vias: number
  /** Route values. More: 400. */
  readonly routes: number
  /** Targets of one relay or fork. More: the route's mistake. */
  readonly branches: number
  /**
   * Server transactions at a time. More: new requests get 503; those within a dialog have a quarter on top. One that is answered stays for 32 s and
   * takes 0.7 kB, its client transaction included.
   */
  readonly transactions: number
  /** Of these, such as owe their final answer: a call that is being set up takes 7 kB and more. More: new requests get 503. */
  readonly unanswered: number
  /** Requests of our own at a time that await their final answer. More: a 503 made here. */
  readonly ownRequests: number
  /** Server transactions at a time from one address. More: 503. */
  readonly perSource: number
  /** Dialogs of which answered challenges are remembered, and as many that routes answered. More: one of those used longest ago is forgotten. */
  readonly dialogs: number
  /** Contacts that are registered here. More: 503. */
  readonly bindings: number
}

export const defaultLimits: Limits = {
  messageSize: 65_535,
  headers: 256,
  headerLength: 8_192,
  uriLength: 4_096,
  vias: 70,
  routes: 70,
  branches: 64,
  transactions: 1_000_000,
  unanswered: 200_000,
  ownRequests: 100_000,
  perSource: 500_000,
  dialogs: 100_000,
  bindings: 100_000,
}

/** The answer to a request whose parts are too many or too long; size and header fields were counted while it was read. */
export function exceeds(request: Message, { uriLength, vias, routes }: Limits): Refusal | undefined {
  if (request.requestUri.length > uriLength) return { status: 414, reason: 'Request-URI Too Long' }
  if (isMoreThan(request, H.Via, vias)) return { status: 400, reason: 'Too Many Vias' }
  return isMoreThan(request, H.Route, routes) ? { status: 400, reason: 'Too Many Routes' } : undefined
}

/** Counted only where there could be that many: most requests have a handful of fields and no commas. */
function isMoreThan(request: Message, id: number, limit: number): boolean {
  let commas = 0
  let fields = 0
  for (const field of request.fields) {
    if (field.id !== id) continue
    fields++
    if (field.holds(',')) commas++
  }
  return fields > limit || (commas > 0 && request.values(id).length > limit)
}
