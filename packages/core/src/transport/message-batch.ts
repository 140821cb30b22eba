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
  readonly #vectors = new BigUint64Array(BATCH * 2)
  readonly #lengths = new Uint32Array(this.#vectors.buffer)

  constructor(libc: Libc, nameLength: number) {
    const headers = new BigUint64Array(this.headers.buffer)
    const at = (view: ArrayBufferView, offset: number): bigint => libc.addressOf(view) + BigInt(offset)
    for (let i = 0; i < BATCH; i++) {
      this.#vectors[i * 2] = at(this.bytes, i * ROOM)
      this.#vectors[i * 2 + 1] = BigInt(ROOM)
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

  /** Puts what is to be sent in this place. */
  write(wire: string, place: number): void {
    this.#lengths[place * 4 + 2] = this.bytes.write(wire, place * ROOM, 'latin1')
  }

  written(place: number): Buffer {
    const at = place * ROOM
    return this.bytes.subarray(at, at + this.#lengths[place * 4 + 2]!)
  }

  headersFrom(place: number): Uint32Array {
    return place === 0 ? this.headers : this.headers.subarray(place * HEADER_WORDS)
  }
}
