/** What a branch and a transaction need of the proxy they belong to. */
import type { Identities } from '../identity/identities.ts'
import type { Uri } from '../message/uri.ts'
import type { TransactionLayer } from '../transaction/layer.ts'
import type { Flow, LocalSocket } from '../transport/flow.ts'
import type { Callees } from './callees.ts'
import type { Dialogs } from './dialogs.ts'
import type { Ids } from './ids.ts'

export interface ProxyServices {
  readonly layer: TransactionLayer
  readonly ids: Ids
  readonly dialogs: Dialogs
  readonly callees: Callees
  /** From and To, replaced and restored. */
  readonly identities: Identities
  /**
   * The flow to a next hop; a promise while a name is looked up. It rejects when there is none. `from` is where the request came from, undefined
   * for one of our own; `by` the only socket that may be used.
   */
  nextHop(uri: Uri, from: Flow | undefined, by?: LocalSocket): Flow | Promise<Flow>
  noteSendFailure(error: Error): void
}
