/** Where a response goes: RFC 3261 §18.2.2 with RFC 3581 §4. */
import type { Via } from '../message/via.ts'
import type { Flow } from './flow.ts'

/** DEVIATES RFC 3261 §18.2.2: `maddr` is not followed: a peer could point our answers at anyone. */
export function responseFlow(via: Via, flow: Flow): Flow {
  // RFC 3581 §4, and reliable transports: back to where it came from.
  if (via.rport !== undefined || flow.local.reliable) return flow
  const port = via.port ?? 5060
  if (port === flow.port) return flow
  return { transport: flow.transport, address: flow.address, port, local: flow.local }
}
