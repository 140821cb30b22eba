/** Sockets, bound: of `node:dgram` by Node, or by the C library those that are shared; and files of the C library's alone. */
import dgram from 'node:dgram'
import { SignalboxError } from '../errors.ts'
import {
  EINVAL,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  loadLibc,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SO_SNDBUF,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOL_SOCKET,
  systemError,
  type Libc,
} from './libc.ts'
import { NAME_WORDS, SocketAddresses } from './socket-address.ts'

export interface Place {
  /** A literal. */
  readonly address: string
  readonly port: number
}

export interface Binding extends Place {
  readonly isIPv6: boolean
  /** With whoever shares it, too, of the same user: the kernel spreads over them what comes, by its source. */
  readonly isShared: boolean
}

/** What a burst of calls may queue up in the kernel. */
const RECEIVE_BUFFER = 4 << 20
/**
 * What may wait there to leave: what is for a neighbour that is away stays for seconds, until ARP gives up, and when all room is taken nothing leaves to
 * anybody. The room that the kernel gives by itself is taken by two such neighbours.
 */
const SEND_BUFFER = 4 << 20

export interface Opened {
  readonly socket: dgram.Socket
  /** The number of its file, where it is known. */
  readonly fd?: number
}

/**
 * One that is shared by the C library where that can be called: Node does not tell the number of its file, by which its queue is found. Rejects with
 * `CONFIG` where a socket cannot be shared.
 */
export async function openByNode(binding: Binding): Promise<Opened> {
  if (binding.isShared) {
    const libc = await loadLibc()
    if (typeof libc !== 'string') return openByLibc(libc, binding)
    if (!hasReusePort(process.versions.node)) throw cannotShare(libc)
  }
  const socket = makeDgram(binding.isIPv6, binding.isShared)
  try {
    await bindDgram(socket, { address: binding.address, port: binding.port })
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOTSUP' ? cannotShare('not on this system') : error
  }
  return { socket }
}

async function openByLibc(libc: Libc, binding: Binding): Promise<Opened> {
  const fd = openFile(libc, new SocketAddresses(libc, binding.isIPv6), binding)
  const socket = makeDgram(binding.isIPv6)
  try {
    await bindDgram(socket, { fd })
  } catch (error) {
    libc.close(fd)
    throw error
  }
  // libuv sets it on a socket that it takes over, and whoever sets it too could then bind to our port.
  setOption(libc, fd, SOL_SOCKET, SO_REUSEADDR, 0)
  return { socket, fd }
}

/** `reusePort` of `dgram.createSocket` came with Node 22.12 and 23.1; before, it is ignored. */
export function hasReusePort(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)
}

function cannotShare(why: string): SignalboxError {
  const text = `workers: several processes cannot share a socket here: ${why}`
  const hint = 'more than one worker needs batched sockets (Linux with koffi) or Node 22.12: or set workers to 1'
  return new SignalboxError('CONFIG', text, [{ text, hint }])
}

function makeDgram(isIPv6: boolean, reusePort = false): dgram.Socket {
  const options = {
    type: isIPv6 ? ('udp6' as const) : ('udp4' as const),
    ipv6Only: isIPv6,
    recvBufferSize: RECEIVE_BUFFER,
    sendBufferSize: SEND_BUFFER,
    // Without this, Node resolves a literal on every send.
    lookup: (host: string, _options: unknown, done: (error: null, address: string, family: number) => void) =>
      done(null, host, isIPv6 ? 6 : 4),
    reusePort,
  }
  return dgram.createSocket(options)
}

/** Binds to a place, or takes over what is bound. When it rejects, nothing is left open. */
function bindDgram(socket: dgram.Socket, to: Place | { readonly fd: number }): Promise<void> {
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

/** The number of a file that is bound. Throws as `node:dgram` does. */
export function openFile(libc: Libc, addresses: SocketAddresses, { address, port, isShared }: Binding): number {
  const name = new Int32Array(NAME_WORDS)
  if (!addresses.write(address, port, name, 0)) throw systemError('bind', EINVAL, address, port)
  const fd = libc.socket(addresses.family, SOCK_DGRAM | SOCK_CLOEXEC, 0)
  if (fd < 0) throw systemError('socket', libc.errno())
  if (addresses.length === 28) setOption(libc, fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)
  if (isShared) setOption(libc, fd, SOL_SOCKET, SO_REUSEPORT, 1)
  setOption(libc, fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER)
  setOption(libc, fd, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER)
  if (libc.bind(fd, name, addresses.length) === 0) return fd
  const errno = libc.errno()
  libc.close(fd)
  throw systemError('bind', errno, address, port)
}

function setOption(libc: Libc, fd: number, level: number, option: number, value: number): void {
  libc.setsockopt(fd, level, option, Int32Array.of(value), 4)
}
