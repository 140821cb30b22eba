/**
 * UDP in memory: datagrams are delivered in order, one at a time, when the simulation says so. A filter can lose, repeat or delay them.
 */
import type { LocalSocket } from '../transport/flow.ts'

/** What went from one address to another in the simulation. */
export interface Datagram {
  readonly from: string
  readonly to: string
  readonly wire: string
}

/** What becomes of a datagram: how many copies arrive. 0 loses it. */
export type Filter = (datagram: Datagram) => number

export type OnDelivery = (bytes: Buffer, address: string, port: number) => void

export class MemoryNetwork {
  readonly #sockets = new Map<string, MemorySocket>()
  readonly #queue: Datagram[] = []
  /** Everything that was sent, lost ones included, in order. */
  readonly sent: Datagram[] = []
  filter: Filter = () => 1

  open(address: string, port: number, onDelivery: OnDelivery): MemorySocket {
    const at = `${address}:${port}`
    if (this.#sockets.has(at)) throw new Error(`${at} is in use in this simulation`)
    const socket = new MemorySocket(this, address, port, onDelivery)
    this.#sockets.set(at, socket)
    return socket
  }

  put(datagram: Datagram): void {
    this.sent.push(datagram)
    for (let copies = this.filter(datagram); copies > 0; copies--) this.#queue.push(datagram)
  }

  get isQuiet(): boolean {
    return this.#queue.length === 0
  }

  /** Delivers what is under way, and what is sent on its account, until nothing is. */
  deliver(): void {
    for (let datagram = this.#queue.shift(); datagram !== undefined; datagram = this.#queue.shift()) {
      const { from, to, wire } = datagram
      const colon = from.lastIndexOf(':')
      this.#sockets
        .get(to)
        ?.onDelivery(Buffer.from(wire, 'latin1'), from.slice(0, colon), Number(from.slice(colon + 1)))
    }
  }
}

export class MemorySocket implements LocalSocket {
  readonly transport = 'udp'
  readonly reliable = false
  readonly address: string
  readonly port: number
  readonly onDelivery: OnDelivery
  readonly #network: MemoryNetwork

  constructor(network: MemoryNetwork, address: string, port: number, onDelivery: OnDelivery) {
    this.#network = network
    this.address = address
    this.port = port
    this.onDelivery = onDelivery
  }

  sentBy(): string {
    return `${this.address}:${this.port}`
  }

  send(wire: string, address: string, port: number): void {
    this.#network.put({ from: this.sentBy(), to: `${address}:${port}`, wire })
  }
}
