/** Datagrams by `node:dgram`: on every platform, one system call and several objects for each. */
import dgram from 'node:dgram'
import type { Sender } from './flow.ts'

/** What is behind a UDP socket. */
export interface Datagrams {
  /** `batched`, or `dgram` and perhaps why. */
  readonly kind: string
  /** Bound. */
  readonly socket: dgram.Socket
  send(wire: string, address: string, port: number, sender: Sender | undefined): void
  close(): Promise<void>
}

export interface Receiver {
  /** `bytes` is only good until it returns. */
  datagram(bytes: Buffer, address: string, port: number): void
  /** For now that was the last one. */
  turnEnded?: (() => void) | undefined
}

export interface Place {
  /** A literal. */
  readonly address: string
  readonly port: number
}

/** What a burst of calls may queue up in the kernel. */
const RECEIVE_BUFFER = 4 << 20

export function makeDgram(isIPv6: boolean): dgram.Socket {
  return dgram.createSocket({
    type: isIPv6 ? 'udp6' : 'udp4',
    ipv6Only: isIPv6,
    recvBufferSize: RECEIVE_BUFFER,
    // Without this, Node resolves a literal on every send.
    lookup: (host, _options, done) => done(null, host, isIPv6 ? 6 : 4),
  })
}

/** Binds to a place, or takes over what is bound. When it rejects, nothing is left open. */
export function bindDgram(socket: dgram.Socket, to: Place | { readonly fd: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void => {
      socket.close()
      reject(error)
    }
    socket.once('error', refuse)
    socket.bind({ ...to, exclusive: true }, () => {
      socket.off('error', refuse)
      resolve()
    })
  })
}

/** `done` is called when the kernel has it or never will. */
export function sendByDgram(
  socket: dgram.Socket,
  bytes: Buffer,
  { address, port }: Place,
  done: (error: Error | null) => void,
): void {
  try {
    socket.send(bytes, port, address, done)
  } catch (error) {
    // Port 0, which a peer's Via may name, and a socket that is closed are refused on the spot.
    queueMicrotask(() => done(error as Error))
  }
}

export class DgramDatagrams implements Datagrams {
  readonly kind: string
  readonly socket: dgram.Socket

  private constructor(kind: string, socket: dgram.Socket, receiver: Receiver) {
    this.kind = kind
    this.socket = socket
    socket.on('message', (bytes, { address, port }) => {
      receiver.datagram(bytes, address, port)
      receiver.turnEnded?.()
    })
  }

  static async open(why: string, place: Place, isIPv6: boolean, receiver: Receiver): Promise<DgramDatagrams> {
    const socket = makeDgram(isIPv6)
    await bindDgram(socket, place)
    return new DgramDatagrams(why === '' ? 'dgram' : `dgram (${why})`, socket, receiver)
  }

  send(wire: string, address: string, port: number, sender: Sender | undefined): void {
    sendByDgram(this.socket, Buffer.from(wire, 'latin1'), { address, port }, (error) => {
      if (error !== null) sender?.sendFailed(error)
    })
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.socket.close(resolve))
  }
}
