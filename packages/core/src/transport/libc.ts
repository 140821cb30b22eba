/**
 * The C library's socket calls, where they can be called: 64-bit Linux with koffi. Everything else does with `node:dgram`. Numbers and layouts are
 * those of the kernel on x86-64 and arm64, which agree.
 */
import { getSystemErrorName } from 'node:util'
import type Koffi from 'koffi'

export interface Libc {
  socket(domain: number, type: number, protocol: number): number
  setsockopt(fd: number, level: number, option: number, value: Int32Array, length: number): number
  bind(fd: number, name: Int32Array, length: number): number
  getsockname(fd: number, name: Int32Array, length: Uint32Array): number
  getsockopt(fd: number, level: number, option: number, value: Int32Array, length: Uint32Array): number
  close(fd: number): number
  recvmmsg(fd: number, headers: Uint32Array, count: number, flags: number, timeout: null): number
  sendmmsg(fd: number, headers: Uint32Array, count: number, flags: number): number
  inet_pton(family: number, text: string, into: Uint8Array): number
  inet_ntop(family: number, from: Uint8Array, into: Uint8Array, length: number): string
  if_nametoindex(name: string): number
  if_indextoname(index: number, into: Uint8Array): string | null
  /** Of the call before. */
  errno(): number
  /** Where these bytes are: good while somebody holds them. */
  addressOf(bytes: ArrayBufferView): bigint
  /** Calls back, as bare as can be, whenever there is something to read, until it is closed. What was to be read must be gone by the next loop. */
  watch(fd: number, isReadable: () => void): Watch
}

export interface Watch {
  close(): void
}

export const AF_INET = 2
export const AF_INET6 = 10
export const SOCK_DGRAM = 2
export const SOCK_CLOEXEC = 0o2000000
export const SOL_SOCKET = 1
export const SO_REUSEADDR = 2
export const SO_SNDBUF = 7
export const SO_RCVBUF = 8
export const SO_REUSEPORT = 15
export const IPPROTO_IPV6 = 41
export const IPV6_V6ONLY = 26
export const MSG_DONTWAIT = 0x40
export const EINTR = 4
export const EBADF = 9
export const EAGAIN = 11
export const EINVAL = 22
export const EMSGSIZE = 90
export const ENOBUFS = 105

let loaded: Promise<Libc | string> | undefined

/** Or why not, in words. */
export function loadLibc(): Promise<Libc | string> {
  return (loaded ??= load())
}

async function load(): Promise<Libc | string> {
  const machine = `${process.platform} ${process.arch}`
  if (!['linux x64', 'linux arm64'].includes(machine)) return `not on ${machine}`
  try {
    const { default: koffi } = await import('koffi')
    const library = koffi.load(null)
    const functions = definitions.map((text) => [/(\w+)\(/.exec(text)![1]!, library.func(text)])
    const { errno, address, node } = koffi
    return {
      ...(Object.fromEntries(functions) as Libc),
      errno: () => errno(),
      addressOf: (bytes) => address(bytes),
      watch: (fd, isReadable) => watchBy(node, fd, isReadable),
    }
  } catch (error) {
    // Optional: a package that is not there, or has no binary for this machine, is none.
    return `koffi cannot be loaded: ${(error as Error).message}`
  }
}

/**
 * libuv takes an error that waits in the socket for the end of it and watches no more. On a UDP socket it is the next call's answer, and then gone:
 * so it is one more thing to be read.
 */
function watchBy(node: Pick<typeof Koffi.node, 'poll'>, fd: number, isReadable: () => void): Watch {
  const told: (...args: unknown[]) => void = (status) => {
    if (status !== 0) handle.start(told)
    isReadable()
  }
  const handle = node.poll(fd, told)
  return handle
}

const definitions = [
  'int socket(int, int, int)',
  'int setsockopt(int, int, int, void *, uint)',
  'int bind(int, void *, uint)',
  'int getsockname(int, void *, void *)',
  'int getsockopt(int, int, int, void *, void *)',
  'int close(int)',
  'int recvmmsg(int, void *, uint, int, void *)',
  'int sendmmsg(int, void *, uint, int)',
  'int inet_pton(int, str, void *)',
  'str inet_ntop(int, void *, void *, uint)',
  'uint if_nametoindex(str)',
  'str if_indextoname(uint, void *)',
]

/** As Node makes them: `send EMSGSIZE 127.0.0.1:5060`. */
export function systemError(syscall: string, errno: number, address?: string, port?: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(-errno)
  const where = address === undefined ? '' : ` ${address}:${port}`
  const place = address === undefined ? {} : { address, port }
  return Object.assign(new Error(`${syscall} ${code}${where}`), { errno: -errno, code, syscall, ...place })
}
