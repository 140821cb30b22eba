/** What a branch and a transaction need of the proxy they belong to. */
import type { Identities } from '../identity/identities.ts'
import type { Uri } from '../message/uri.ts'
import type { TransactionLayer } from '../transaction/layer.ts'
import type { Flow } from '../transport/flow.ts'
import type { AckShifts } from './ack-shifts.ts'
import type { Callees } from './callees.ts'
import type { Ids } from './ids.ts'

export interface ProxyServices {
  readonly layer: TransactionLayer
  readonly ids: Ids
  readonly ackShifts: AckShifts
  readonly callees: Callees
  /** From and To, replaced and restored. */
  readonly identities: Identities
  /** The flow to a next hop; a promise while a name is looked up. It rejects when there is none. `from` is where the request came from. */
  nextHop(uri: Uri, from: Flow): Flow | Promise<Flow>
  noteSendFailure(error: Error): void
}
