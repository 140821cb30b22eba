/** A UDP socket on `node:dgram` (RFC 3261 §18). The addresses it is sent to are literals: names are looked up before (resolve/). */
import dgram from 'node:dgram'
import { isIPv6 } from 'node:net'
import { SignalboxError } from '../errors.ts'
import { queuedBytes } from './backlog.ts'
import type { LocalSocket, Sender } from './flow.ts'
import { isUnspecified, RouteAddresses } from './route-addresses.ts'

export interface UdpOptions {
  readonly host: string
  readonly port: number
  readonly advertise?: { readonly host: string; readonly port: number }
}

/** Called for each datagram. `bytes` is only good until it returns. */
export type OnDatagram = (bytes: Buffer, address: string, port: number, socket: UdpSocket) => void

/** Told of what is sent, for who watches. */
export type OnSend = (wire: string, address: string, port: number) => void

/** What a burst of calls may queue up in the kernel. */
const RECEIVE_BUFFER = 4 << 20

export class UdpSocket implements LocalSocket {
  readonly transport = 'udp'
  readonly reliable = false
  readonly address: string
  readonly port: number
  /** Set where the address to write into Via depends on the peer. */
  readonly routes: RouteAddresses | undefined
  /** Undefined where it depends on the peer. */
  readonly #sentBy: string | undefined
  readonly #socket: dgram.Socket
  readonly #onSend: OnSend | undefined
  /** Bytes that the kernel may hold for it: twice what was asked for, or less. */
  readonly room: number

  private constructor(socket: dgram.Socket, options: UdpOptions, onSend: OnSend | undefined) {
    const bound = socket.address()
    this.#socket = socket
    this.#onSend = onSend
    this.room = socket.getRecvBufferSize()
    this.address = bound.address
    this.port = bound.port
    this.routes = isUnspecified(bound.address) && !options.advertise ? new RouteAddresses() : undefined
    const { host, port } = options.advertise ?? { host: bound.address, port: bound.port }
    this.#sentBy = this.routes === undefined ? hostPort(host, port) : undefined
  }

  /** Binds. Rejects with `LISTEN`. `onError` hears of errors that belong to no single send. */
  static async open(
    options: UdpOptions,
    onDatagram: OnDatagram,
    onError: (error: Error) => void,
    onSend?: OnSend,
  ): Promise<UdpSocket> {
    const bare = options.host.replace(/^\[|\]$/g, '')
    const type = isIPv6(bare) ? 'udp6' : 'udp4'
    const socket = dgram.createSocket({
      type,
      ipv6Only: type === 'udp6',
      recvBufferSize: RECEIVE_BUFFER,
      // Without this, Node resolves a literal on every send.
      lookup: (host, _options, done) => done(null, host, type === 'udp6' ? 6 : 4),
    })
    await bind(socket, bare, options.port)
    const udp = new UdpSocket(socket, options, onSend)
    socket.on('error', onError)
    socket.on('message', (bytes, { address, port }) => onDatagram(bytes, address, port, udp))
    return udp
  }

  sentBy(peer: string): string {
    return this.#sentBy ?? hostPort(this.routes!.known(peer), this.port)
  }

  send(wire: string, address: string, port: number, sender: Sender | undefined): void {
    this.#onSend?.(wire, address, port)
    try {
      this.#socket.send(Buffer.from(wire, 'latin1'), port, address, (error) => {
        if (error !== null) sender?.sendFailed(error)
      })
    } catch (error) {
      // Port 0, which a peer's Via may name, and a socket that is closed are refused on the spot.
      queueMicrotask(() => sender?.sendFailed(error as Error))
    }
  }

  /** Bytes that the kernel holds for it now. */
  queued(): number {
    return queuedBytes(this.address, this.port)
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(resolve))
  }
}

/** As it stands in Via and in URIs. */
function hostPort(host: string, port: number): string {
  return (isIPv6(host) ? '[' + host + ']' : host) + ':' + port
}

function bind(socket: dgram.Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => {
      socket.close()
      const at = `udp:${address.includes(':') ? `[${address}]` : address}:${port}`
      reject(listenError(error, at, 'listen (or SIGNALBOX_LISTEN)'))
    }
    socket.once('error', refuse)
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', refuse)
      resolve()
    })
  })
}

const hints: Record<string, (key: string) => string> = {
  EADDRINUSE: (key) => `another process has this port: stop it, or set ${key} to another one`,
  EACCES: () => 'ports below 1024 need root or CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: (key) => `no interface of this machine has this address: set ${key} to one that does, or to 0.0.0.0`,
}

/** `key` is what sets the address: `listen (or SIGNALBOX_LISTEN)`. */
export function listenError(error: NodeJS.ErrnoException, at: string, key: string): SignalboxError {
  const text = `cannot listen on ${at}: ${error.code ?? error.message}`
  const hint = hints[error.code ?? '']?.(key)
  return new SignalboxError('LISTEN', text, [{ text, ...(hint && { hint }) }])
}
