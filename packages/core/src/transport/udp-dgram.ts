/** Datagrams by `node:dgram`: on every platform, one system call and several objects for each. */
import type dgram from 'node:dgram'
import type { Sender } from './flow.ts'
import { openByNode, type Binding, type Opened, type Place } from './open-socket.ts'

/** What is behind a UDP socket. */
export interface Datagrams {
  /** `batched`, or `dgram` and perhaps why. */
  readonly kind: string
  /** Where it is bound to. */
  readonly bound: Place
  /** Bytes that the kernel may hold for it: twice what was asked for, or less. */
  readonly room: number
  /** The number of its file, where it is known. */
  readonly fd?: number
  /** What was sent before leaves, unless the kernel has no room. */
  close(): Promise<void>
  send(wire: string, address: string, port: number, sender: Sender | undefined): void
}

export interface Receiver {
  /** `bytes` is only good until it returns. */
  datagram(bytes: Buffer, address: string, port: number): void
  /** For now that was the last one. Says whether handlers run for them right afterwards. */
  turnEnded?: (() => boolean) | undefined
  /** An error that belongs to no single send. */
  failed(error: Error): void
}

/** `done` is called when the kernel has it or never will. */
function sendByDgram(
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
  readonly bound: Place
  readonly room: number
  readonly fd?: number
  readonly #socket: dgram.Socket

  private constructor(kind: string, { socket, fd }: Opened, receiver: Receiver) {
    this.kind = kind
    if (fd !== undefined) this.fd = fd
    this.bound = socket.address()
    this.room = socket.getRecvBufferSize()
    this.#socket = socket
    socket.on('error', (error) => receiver.failed(error))
    socket.on('message', (bytes, { address, port }) => {
      receiver.datagram(bytes, address, port)
      receiver.turnEnded?.()
    })
  }

  static async open(why: string, binding: Binding, receiver: Receiver): Promise<DgramDatagrams> {
    return new DgramDatagrams(why === '' ? 'dgram' : `dgram (${why})`, await openByNode(binding), receiver)
  }

  send(wire: string, address: string, port: number, sender: Sender | undefined): void {
    sendByDgram(this.#socket, Buffer.from(wire, 'latin1'), { address, port }, (error) => {
      if (error !== null) sender?.sendFailed(error)
    })
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(resolve))
  }
}
