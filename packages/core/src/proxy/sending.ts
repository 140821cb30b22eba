/** What sending takes of the proxy, the way to a next hop that may have to be looked up first, and who hears of what nobody waits for. */
import type { Uri } from '../message/uri.ts'
import type { ClientUser, TransactionLayer } from '../transaction/layer.ts'
import type { Flow, LocalSocket } from '../transport/flow.ts'
import type { Ids } from './ids.ts'

export interface Sending {
  readonly layer: TransactionLayer
  readonly ids: Ids
  /**
   * The flow to a next hop; a promise while a name is looked up. It rejects when there is none. `from` is where the request came from, undefined
   * for one of our own; `by` the only socket that may be used.
   */
  nextHop(uri: Uri, from: Flow | undefined, by?: LocalSocket): Flow | Promise<Flow>
  noteSendFailure(error: Error): void
}

/** Sends at once where the flow is known, else when it is. A next hop that cannot be found is noted, and there is nobody else to tell. */
export function sendOver(hop: Flow | Promise<Flow>, proxy: Sending, send: (flow: Flow) => void): void {
  if (hop instanceof Promise) hop.then(send).catch((error: Error) => proxy.noteSendFailure(error))
  else send(hop)
}

/** Whatever becomes of a transaction, there is nobody to tell: it is over for everybody, or is a CANCEL, whose answer says nothing (RFC 3261 §9.1). */
export const nobody: ClientUser = {
  response: () => undefined,
  timeout: () => undefined,
  transportError: () => undefined,
}
