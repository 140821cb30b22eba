/** One contact of an address-of-record. Never changed: a refresh makes a new one, with the same `ruid`. */
import type { Uri } from '../message/uri.ts'
import type { Aor } from './aor.ts'

export interface Binding {
  readonly aor: Aor
  /** Names its row: Kamailio's record unique id. */
  readonly ruid: string
  readonly uri: Uri
  /** 0 to 1; undefined when the phone said nothing. */
  readonly q: number | undefined
  /** On the core's clock, in milliseconds. */
  readonly expiresAt: number
  readonly callId: string
  readonly cseq: number
  /** As bytes, like the next two; '' when there is none. */
  readonly userAgent: string
  /** The `+sip.instance` with its quotes. */
  readonly instance: string
  /** Our socket, `udp:192.0.2.1:5060`. */
  readonly socket: string
  /** Where a row of Kamailio's says that the contact is really reached. */
  readonly received?: Uri | undefined
}

/** One that names no q is as good as the best. */
export function preference({ q = 1 }: Binding): number {
  return q
}

export type Order = Pick<Binding, 'callId' | 'cseq'>

/** RFC 3261 §10.3 step 7: what the same phone sent earlier, and what comes after something later, is not taken. */
export function isOutOfOrder(binding: Order, { callId, cseq }: Order): boolean {
  return binding.callId === callId && cseq <= binding.cseq
}
