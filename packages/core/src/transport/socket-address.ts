/**
 * `sockaddr_in` and `sockaddr_in6` from and to text, in words of 32 bits. Peers come again and again: what they were last time is kept, for as many
 * as fit, so that a datagram of a known peer makes no garbage.
 */
import { AF_INET, AF_INET6, type Libc } from './libc.ts'

/** Words of the larger of the two. */
export const NAME_WORDS = 7

/** A power of two. Peers that share a place cost each other a look at the C library. */
const PLACES = 1024
const MAX_PEERS = 4096

export class SocketAddresses {
  readonly family: number
  /** Bytes of an address of this family. */
  readonly length: number
  readonly #libc: Libc
  /** Where in the words the address is, its scope included. */
  readonly #first: number
  readonly #count: number
  readonly #known: Int32Array
  readonly #texts: (string | undefined)[] = Array.from({ length: PLACES })
  readonly #names = new Map<string, Int32Array>()

  constructor(libc: Libc, isIPv6: boolean) {
    this.#libc = libc
    this.family = isIPv6 ? AF_INET6 : AF_INET
    this.length = isIPv6 ? 28 : 16
    this.#first = isIPv6 ? 2 : 1
    this.#count = isIPv6 ? 5 : 1
    this.#known = new Int32Array(PLACES * this.#count)
  }

  /** The address that stands at this word, as `node:dgram` would write it. */
  text(words: Int32Array, at: number): string {
    const from = at + this.#first
    let hash = 0
    for (let i = 0; i < this.#count; i++) hash = Math.imul(hash ^ words[from + i]!, 0x9e3779b1)
    const place = (hash >>> 16) & (PLACES - 1)
    return (this.#isAt(place, words, from) ? this.#texts[place] : undefined) ?? this.#learn(place, words, from)
  }

  port(words: Int32Array, at: number): number {
    const word = words[at]!
    return ((word >>> 8) & 0xff00) | (word >>> 24)
  }

  /** Writes it there. False for what is no address and port of this family. */
  write(address: string, port: number, words: Int32Array, at: number): boolean {
    const name = this.#names.get(address) ?? this.#make(address)
    if (name === undefined || port < 0 || port > 0xffff) return false
    for (let i = 1; i < NAME_WORDS; i++) words[at + i] = name[i]!
    words[at] = this.family | ((port & 0xff00) << 8) | ((port & 0xff) << 24)
    return true
  }

  #isAt(place: number, words: Int32Array, from: number): boolean {
    for (let i = 0; i < this.#count; i++) if (this.#known[place * this.#count + i] !== words[from + i]) return false
    return true
  }

  #learn(place: number, words: Int32Array, from: number): string {
    const address = words.slice(from, from + this.#count)
    this.#known.set(address, place * this.#count)
    const text = this.#libc.inet_ntop(this.family, bytesOf(address), Buffer.alloc(46), 46) + this.#zone(address)
    this.#texts[place] = text
    return text
  }

  /** RFC 4007 §11: a link-local address says nothing without its link. */
  #zone([first = 0, , , , scope = 0]: Int32Array): string {
    const isLinkLocal = this.family === AF_INET6 && (first & 0xc0ff) === 0x80fe
    const name = isLinkLocal && scope > 0 ? this.#libc.if_indextoname(scope, Buffer.alloc(16)) : null
    return name === null ? '' : `%${name}`
  }

  #make(address: string): Int32Array | undefined {
    const [bare = '', zone] = address.split('%')
    const name = new Int32Array(NAME_WORDS)
    const isRead = this.#libc.inet_pton(this.family, bare, bytesOf(name.subarray(this.#first))) === 1
    if (!isRead) return undefined
    if (zone !== undefined) name[6] = this.#libc.if_nametoindex(zone)
    if (this.#names.size >= MAX_PEERS) this.#names.delete(this.#names.keys().next().value!)
    this.#names.set(address, name)
    return name
  }
}

function bytesOf(words: Int32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
}
