/**
 * Datagrams between the workers of one proxy (docs/workers.md): the kernel gives each worker what it likes, and who finds that one belongs to another
 * passes it on over loopback, with where it came from. Who sent it is what the kernel says: only the hand-over sockets of known workers are believed.
 *
 * Before the datagram stand, in network order: the listen socket's index and the source's port in two bytes each, the length of its address in one, its
 * address. Many leave and come in one system call, as everywhere; what does not arrive is lost as a datagram is, and sent again by its sender.
 */
import type { Sender } from './flow.ts'
import { UdpSocket } from './udp.ts'

export interface HandOverOptions {
  /** How many listen sockets there are; they have the same order in every worker. */
  readonly sockets: number
  /** Called after the last datagram of a wake-up, as of a listen socket. */
  readonly onTurn?: () => void
}

/** Called for each datagram that another worker passed on, with the source it had there. `bytes` is only good until it returns. */
export type OnHandedOver = (bytes: Buffer, address: string, port: number, socketIndex: number) => void

const LOOPBACK = '127.0.0.1'

/** Bytes before the address. */
const FIXED = 5

/** RFC 768: what is left of 65 535 bytes behind the headers of IPv4 and UDP. */
const MOST = 65_507

export class HandOver implements Sender {
  /**
   * `sent` and `received`; and what was dropped: `refused` came from no worker or said nothing, `no_peer` belonged to one that is away, `too_large` has
   * no room for where it came from, `failed` was not taken by the kernel.
   */
  readonly counts = { sent: 0, received: 0, refused: 0, no_peer: 0, too_large: 0, failed: 0 }
  readonly #socket: UdpSocket
  #peers: readonly (number | undefined)[] = []

  private constructor(socket: UdpSocket) {
    this.#socket = socket
  }

  /** Opens it, on a free port of loopback. Rejects as `UdpSocket.open` does. `onError` hears of errors that belong to no single datagram. */
  static async open(
    options: HandOverOptions,
    onHandedOver: OnHandedOver,
    onError: (error: Error) => void,
  ): Promise<HandOver> {
    const socket = await UdpSocket.open(
      { host: LOOPBACK, port: 0, ...(options.onTurn && { onTurn: options.onTurn }) },
      (bytes, address, port) => {
        if (!handOver.#take(bytes, address, port, options.sockets, onHandedOver)) handOver.counts.refused++
      },
      onError,
    )
    const handOver: HandOver = new HandOver(socket)
    return handOver
  }

  /** What the other workers are to know. */
  get port(): number {
    return this.#socket.port
  }

  /** Bytes that the kernel may hold for it. */
  get room(): number {
    return this.#socket.room
  }

  /** Bytes that the kernel holds for it now. */
  queued(): number {
    return this.#socket.queued()
  }

  /** The ports of all workers by their numbers, undefined for one that is away. From now on: who is not among them is not believed. */
  setPeers(ports: readonly (number | undefined)[]): void {
    this.#peers = ports
  }

  /** Passes on what a listen socket received from there. It leaves with the others of this turn. */
  send(owner: number, bytes: Buffer, socketIndex: number, address: string, port: number): void {
    const peer = this.#peers[owner]
    if (peer === undefined) {
      this.counts.no_peer++
    } else if (FIXED + address.length + bytes.length > MOST) {
      this.counts.too_large++
    } else {
      this.counts.sent++
      this.#socket.send(head(socketIndex, address, port) + bytes.toString('latin1'), LOOPBACK, peer, this)
    }
  }

  sendFailed(): void {
    this.counts.sent--
    this.counts.failed++
  }

  /** What was handed over before leaves. */
  close(): Promise<void> {
    return this.#socket.close()
  }

  /** False when it is not to be believed. */
  #take(bytes: Buffer, address: string, port: number, sockets: number, onHandedOver: OnHandedOver): boolean {
    if (address !== LOOPBACK || !this.#peers.includes(port) || bytes.length < FIXED) return false
    const socketIndex = bytes.readUInt16BE(0)
    const from = FIXED + bytes[4]!
    if (socketIndex >= sockets || from > bytes.length) return false
    this.counts.received++
    onHandedOver(bytes.subarray(from), bytes.toString('latin1', FIXED, from), bytes.readUInt16BE(2), socketIndex)
    return true
  }
}

function head(socketIndex: number, address: string, port: number): string {
  return String.fromCharCode(socketIndex >> 8, socketIndex & 255, port >> 8, port & 255, address.length) + address
}
