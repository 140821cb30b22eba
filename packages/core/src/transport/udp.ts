/**
 * A UDP socket (RFC 3261 §18): in batches where Linux and koffi are, else on `node:dgram`, and the same to see from outside. The addresses it is
 * sent to are literals: names are looked up before (resolve/).
 */
import { fstatSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { SignalboxError } from '../errors.ts'
import { queuedBytes } from './backlog.ts'
import type { LocalSocket, Sender } from './flow.ts'
import { loadLibc, type Libc } from './libc.ts'
import { isUnspecified, RouteAddresses } from './route-addresses.ts'
import { BatchedDatagrams } from './udp-batched.ts'
import { DgramDatagrams, type Datagrams, type Receiver } from './udp-dgram.ts'

export interface UdpOptions {
  readonly host: string
  readonly port: number
  readonly advertise?: { readonly host: string; readonly port: number }
  /** With other processes of the same user that share it, too: the kernel spreads what comes over them, by its source. */
  readonly shared?: boolean
  /**
   * Called after the last datagram of a wake-up. Says whether handlers run right afterwards: what was sent by then leaves at once, or together with
   * what those send.
   */
  readonly onTurn?: () => boolean
}

/** Called for each datagram. `bytes` is only good until it returns. */
export type OnDatagram = (bytes: Buffer, address: string, port: number, socket: UdpSocket) => void

/** Told of what is sent, for who watches. */
export type OnSend = (wire: string, address: string, port: number) => void

export class UdpSocket implements LocalSocket {
  readonly transport = 'udp'
  readonly reliable = false
  readonly address: string
  readonly port: number
  /** Set where the address to write into Via depends on the peer. */
  readonly routes: RouteAddresses | undefined
  /** Undefined where it depends on the peer. */
  readonly #sentBy: string | undefined
  readonly #datagrams: Datagrams
  readonly #onSend: OnSend | undefined
  /** Bytes that the kernel may hold for it: twice what was asked for, or less. */
  readonly room: number
  /** Of a socket that shares its port with others. */
  readonly #inode: number | undefined

  private constructor(datagrams: Datagrams, options: UdpOptions, onSend: OnSend | undefined) {
    const { bound } = datagrams
    this.#datagrams = datagrams
    this.#onSend = onSend
    this.room = datagrams.room
    this.#inode = options.shared && datagrams.fd !== undefined ? fstatSync(datagrams.fd).ino : undefined
    this.address = bound.address
    this.port = bound.port
    this.routes = isUnspecified(bound.address) && !options.advertise ? new RouteAddresses() : undefined
    const { host, port } = options.advertise ?? { host: bound.address, port: bound.port }
    this.#sentBy = this.routes === undefined ? hostPort(host, port) : undefined
  }

  /** Binds. Rejects with `LISTEN`, or `CONFIG` when `SIGNALBOX_SOCKET` or `shared` cannot be done. `onError` hears of errors that belong to no single send. */
  static async open(
    options: UdpOptions,
    onDatagram: OnDatagram,
    onError: (error: Error) => void,
    onSend?: OnSend,
  ): Promise<UdpSocket> {
    const datagrams = await openDatagrams(options, {
      datagram: (bytes, address, port) => onDatagram(bytes, address, port, udp),
      turnEnded: options.onTurn,
      failed: onError,
    })
    const udp: UdpSocket = new UdpSocket(datagrams, options, onSend)
    return udp
  }

  /**
   * Whether nobody has these ports, as sockets that are not shared would find out, and they are not in each other's way; the ports, for 0 one that is
   * free. Asked once, before the sockets that share them are opened: they cannot tell each other from a stranger that shares his. Rejects with `LISTEN`.
   */
  static async probe(places: readonly Pick<UdpOptions, 'host' | 'port'>[]): Promise<number[]> {
    const sockets: UdpSocket[] = []
    try {
      for (const { host, port } of places) sockets.push(await UdpSocket.open({ host, port }, nothing, nothing))
    } finally {
      await Promise.all(sockets.map((socket) => socket.close()))
    }
    return sockets.map(({ port }) => port)
  }

  /** How it receives and sends: `batched`, or `dgram` and perhaps why. */
  get kind(): string {
    return this.#datagrams.kind
  }

  sentBy(peer: string): string {
    return this.#sentBy ?? hostPort(this.routes!.known(peer), this.port)
  }

  send(wire: string, address: string, port: number, sender: Sender | undefined): void {
    this.#onSend?.(wire, address, port)
    this.#datagrams.send(wire, address, port, sender)
  }

  /** Bytes that the kernel holds for it now. */
  queued(): number {
    return queuedBytes(this.address, this.port, this.#inode)
  }

  /** What was sent before leaves. */
  close(): Promise<void> {
    return this.#datagrams.close()
  }
}

function nothing(): void {}

async function openDatagrams({ host, port, shared = false }: UdpOptions, receiver: Receiver): Promise<Datagrams> {
  const libc = await chooseLibc(process.env['SIGNALBOX_SOCKET'])
  const address = host.replace(/^\[|\]$/g, '')
  const binding = { address, port, isIPv6: isIPv6(address), isShared: shared }
  try {
    if (typeof libc === 'string') return await DgramDatagrams.open(libc, binding, receiver)
    return await BatchedDatagrams.open(libc, binding, receiver)
  } catch (error) {
    if (error instanceof SignalboxError) throw error
    throw listenError(error as NodeJS.ErrnoException, `udp:${hostPort(address, port)}`, 'listen (or SIGNALBOX_LISTEN)')
  }
}

/** What batches need; or, in words, why there are none: '' where they are not wanted. */
async function chooseLibc(wanted: string | undefined): Promise<Libc | string> {
  if (wanted === 'dgram') return ''
  const libc = await loadLibc()
  if (!wanted || (wanted === 'batched' && typeof libc !== 'string')) return libc
  const why = wanted === 'batched' ? `no batched sockets: ${libc as string}` : `no kind of socket: ${wanted}`
  const text = `SIGNALBOX_SOCKET: ${why}`
  const hint = 'set it to dgram, or unset it for the best that this machine has'
  throw new SignalboxError('CONFIG', text, [{ text, hint }])
}

/** As it stands in Via and in URIs. */
function hostPort(host: string, port: number): string {
  return (isIPv6(host) ? '[' + host + ']' : host) + ':' + port
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
