/**
 * Datagrams as `recvmmsg` and `sendmmsg` take them: room for some, each with its `mmsghdr`, its peer's address and its bytes, all made once. The
 * kernel is told where they are, so they stay where they are.
 */
import type { Libc } from './libc.ts'
import { NAME_WORDS } from './socket-address.ts'

/** Datagrams of one system call: more make it no cheaper. */
export const BATCH = 32
/** Bytes of the largest datagram that there is. Of a place that holds small ones, the rest is never touched and takes no memory. */
export const ROOM = 65_536

/** `struct mmsghdr`: name, its length, iovec, how many, control, its length, flags, bytes. In words of 32 bits. */
const HEADER_WORDS = 16
const NAME_LENGTH = 2
const BYTES = 14

export class MessageBatch {
  readonly bytes = Buffer.allocUnsafeSlow(BATCH * ROOM)
  readonly headers = new Uint32Array(BATCH * HEADER_WORDS)
  readonly names = new Int32Array(BATCH * NAME_WORDS)
  /** Where the bytes are, and how many: two words of 64 bits each. */
  readonly #vectors = new Uint32Array(BATCH * 4)
  /** Where `bytes` begins, in two numbers: those of 64 bits are slow to make. */
  readonly #low: number
  readonly #high: number
  /** What is to be sent and not among the bytes yet: the last of those that end at `#end`. */
  #text = ''
  #end = 0

  constructor(libc: Libc, nameLength: number) {
    const headers = new BigUint64Array(this.headers.buffer)
    const at = (view: ArrayBufferView, offset: number): bigint => libc.addressOf(view) + BigInt(offset)
    const start = at(this.bytes, 0)
    this.#low = Number(start & 0xffffffffn)
    this.#high = Number(start >> 32n)
    for (let i = 0; i < BATCH; i++) {
      this.#point(i, i * ROOM, ROOM)
      headers[i * 8] = at(this.names, i * NAME_WORDS * 4)
      this.headers[i * HEADER_WORDS + NAME_LENGTH] = nameLength
      headers[i * 8 + 2] = at(this.#vectors, i * 16)
      headers[i * 8 + 3] = 1n
    }
  }

  /** The bytes that were received in this place. */
  received(place: number): Buffer {
    const at = place * ROOM
    return this.bytes.subarray(at, at + this.headers[place * HEADER_WORDS + BYTES]!)
  }

  /** Puts what is to be sent in this place, behind the one before. It is among the bytes after `write`. */
  add(wire: string, place: number): void {
    this.#point(place, this.#end, wire.length)
    this.#text += wire
    this.#end += wire.length
  }

  /** All that was added: at once, which is cheaper than one by one. */
  write(): void {
    if (this.#text === '') return
    this.bytes.write(this.#text, this.#end - this.#text.length, 'latin1')
    this.#text = ''
  }

  /** What was added is sent: there is room again from the first place on. */
  clear(): void {
    this.#end = 0
  }

  headersFrom(place: number): Uint32Array {
    return place === 0 ? this.headers : this.headers.subarray(place * HEADER_WORDS)
  }

  #point(place: number, offset: number, length: number): void {
    const low = this.#low + offset
    this.#vectors[place * 4] = low
    this.#vectors[place * 4 + 1] = this.#high + (low > 0xffffffff ? 1 : 0)
    this.#vectors[place * 4 + 2] = length
  }
}
