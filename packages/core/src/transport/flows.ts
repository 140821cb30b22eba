/**
 * Flows to peers that come again and again, each made once: a flow never changes, and every message would make some. Peers that share a place cost each
 * other an object.
 */
import { apart } from '../message/chars.ts'
import type { Flow, LocalSocket } from './flow.ts'

/** A power of two. */
const PLACES = 1024

export class Flows {
  readonly #flows: (Flow | undefined)[] = Array.from({ length: PLACES })

  to(address: string, port: number, local: LocalSocket): Flow {
    const place = (port ^ (address.charCodeAt(address.length - 1) << 4)) & (PLACES - 1)
    const known = this.#flows[place]
    if (known !== undefined && known.port === port && known.address === address && known.local === local) return known
    // In memory of its own: it may be a piece of a datagram, and sockets remember where they send.
    return (this.#flows[place] = { transport: local.transport, address: apart(address), port, local })
  }
}
