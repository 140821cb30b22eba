/**
 * Datagrams by `recvmmsg` and `sendmmsg`: one system call for many, into and out of memory that is made once. libuv says when there is something to
 * read, and the turn that reads it is an immediate, so that its promises and errors are Node's business, as anywhere. No handler is entered in it: that
 * could not be ended there (watchdog/). One that awaits what the turn brings goes on between it and the next immediate, where it can.
 */
import type { Sender } from './flow.ts'
import {
  EAGAIN,
  EBADF,
  EINTR,
  EINVAL,
  EMSGSIZE,
  ENOBUFS,
  MSG_DONTWAIT,
  SO_RCVBUF,
  SOL_SOCKET,
  systemError,
  type Libc,
  type Watch,
} from './libc.ts'
import { BATCH, MessageBatch, ROOM } from './message-batch.ts'
import { openFile, type Binding, type Place } from './open-socket.ts'
import { NAME_WORDS, SocketAddresses } from './socket-address.ts'
import type { Datagrams, Receiver } from './udp-dgram.ts'

/** Datagrams between two looks at timers and other sockets. */
const AT_ONCE = 128

/** What waits for room in the kernel beside the batch: more is lost, as it would be on the line. */
const MOST_WAITING = 4096

/** Milliseconds until the kernel is asked again whether it has room. */
const RETRY = 1

interface Waiting extends Place {
  readonly wire: string
  readonly sender: Sender | undefined
}

export class BatchedDatagrams implements Datagrams {
  readonly kind = 'batched'
  readonly bound: Place
  readonly room: number
  readonly fd: number
  readonly #libc: Libc
  readonly #receiver: Receiver
  readonly #addresses: SocketAddresses
  readonly #watch: Watch
  readonly #in: MessageBatch
  readonly #out: MessageBatch
  readonly #senders: (Sender | undefined)[] = Array.from({ length: BATCH })
  /** Places of `#out` that hold one to be sent: from `#sent` on, before `#queued`. */
  #sent = 0
  #queued = 0
  /** Behind those of `#out`, while the kernel has no room. */
  #waiting: Waiting[] = []
  #retry: NodeJS.Timeout | undefined
  /** The turn that is to come, or is: what is sent within it needs no other. */
  #later: NodeJS.Immediate | undefined
  #isReadable = false
  /** Whether what is to be sent waits for what handlers send: one turn, and no longer. */
  #isHeld = false
  #isClosed = false

  private constructor(libc: Libc, fd: number, addresses: SocketAddresses, to: Receiver) {
    this.#libc = libc
    this.fd = fd
    this.#receiver = to
    this.#addresses = addresses
    this.#in = new MessageBatch(libc, addresses.length)
    this.#out = new MessageBatch(libc, addresses.length)
    this.bound = boundTo(libc, fd, addresses)
    this.room = receiveBuffer(libc, fd)
    this.#watch = libc.watch(fd, () => {
      this.#isReadable = true
      this.#wake()
    })
  }

  static async open(libc: Libc, binding: Binding, receiver: Receiver): Promise<BatchedDatagrams> {
    const addresses = new SocketAddresses(libc, binding.isIPv6)
    return new BatchedDatagrams(libc, openFile(libc, addresses, binding), addresses, receiver)
  }

  send(wire: string, address: string, port: number, sender: Sender | undefined): void {
    if (this.#isClosed) return tell(sender, EBADF, { address, port })
    if (this.#retry !== undefined) return this.#wait({ wire, address, port, sender })
    const place = this.#queued
    const isWritten = this.#addresses.write(address, port, this.#out.names, place * NAME_WORDS)
    if (!isWritten || wire.length > ROOM) return tell(sender, isWritten ? EMSGSIZE : EINVAL, { address, port })
    this.#out.add(wire, place)
    this.#senders[place] = sender
    this.#queued++
    this.#wake()
    if (this.#queued === BATCH) this.#flush()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#flush()
    this.#isClosed = true
    clearImmediate(this.#later)
    clearTimeout(this.#retry)
    this.#watch.close()
    this.#libc.close(this.fd)
  }

  #wake(): void {
    this.#later ??= setImmediate(this.#turn)
  }

  /** What there is to read, and whatever is to be sent for it. What handlers will send leaves together with that. */
  #turn = (): void => {
    let isDue = false
    try {
      const count = this.#isReadable ? this.#drain() : 0
      this.#isReadable = count >= AT_ONCE
      isDue = count > 0 && (this.#receiver.turnEnded?.() ?? false)
      this.#isHeld = isDue && !this.#isHeld
      if (!this.#isHeld) this.#flush()
    } finally {
      this.#later = undefined
      if ((isDue || this.#isReadable) && !this.#isClosed) this.#wake()
    }
  }

  /** Says how many there were. What there is above that waits until others have had their turn. */
  #drain(): number {
    let count = 0
    // A receiver may close the socket, and its number be another file's.
    while (count < AT_ONCE && !this.#isClosed) {
      const received = this.#libc.recvmmsg(this.fd, this.#in.headers, BATCH, MSG_DONTWAIT, null)
      if (received < 0) this.#notReceived(this.#libc.errno())
      else this.#handle(received)
      count += Math.max(0, received)
      if (received < BATCH) break
    }
    return count
  }

  /** A call that was interrupted is made again: libuv says once more that there is something to read. */
  #notReceived(errno: number): void {
    if (errno !== EAGAIN && errno !== EINTR) this.#receiver.failed(systemError('recvmmsg', errno))
  }

  #handle(count: number): void {
    const { names } = this.#in
    for (let place = 0; place < count && !this.#isClosed; place++) {
      const at = place * NAME_WORDS
      try {
        this.#receiver.datagram(
          this.#in.received(place),
          this.#addresses.text(names, at),
          this.#addresses.port(names, at),
        )
      } catch (error) {
        // A bug, as loud as from any other callback; those behind it are served.
        process.nextTick(() => {
          throw error
        })
      }
    }
  }

  #flush(): void {
    this.#out.write()
    while (this.#sent < this.#queued && this.#retry === undefined) {
      const headers = this.#out.headersFrom(this.#sent)
      const count = this.#libc.sendmmsg(this.fd, headers, this.#queued - this.#sent, 0)
      if (count > 0) this.#sent += count
      else this.#notSent(this.#libc.errno())
    }
    if (this.#retry !== undefined) return
    for (let place = 0; place < this.#queued; place++) this.#senders[place] = undefined
    this.#sent = 0
    this.#queued = 0
    this.#out.clear()
  }

  /** What is wrong with the first of them says nothing about the others, unless the kernel has no room. */
  #notSent(errno: number): void {
    if (errno === EINTR) return
    if (errno === EAGAIN || errno === ENOBUFS) this.#retry = setTimeout(this.#again, RETRY)
    else tell(this.#senders[this.#sent], errno, this.#peer(this.#sent++))
  }

  #again = (): void => {
    this.#retry = undefined
    this.#flush()
    const waiting = this.#waiting
    if (this.#retry !== undefined || waiting.length === 0) return
    this.#waiting = []
    for (const { wire, address, port, sender } of waiting) this.send(wire, address, port, sender)
  }

  #wait(waiting: Waiting): void {
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(waiting)
    else tell(waiting.sender, ENOBUFS, waiting)
  }

  #peer(place: number): Place {
    return placeOf(this.#addresses, this.#out.names, place * NAME_WORDS)
  }
}

function boundTo(libc: Libc, fd: number, addresses: SocketAddresses): Place {
  const name = new Int32Array(NAME_WORDS)
  libc.getsockname(fd, name, Uint32Array.of(addresses.length))
  return placeOf(addresses, name, 0)
}

function placeOf(addresses: SocketAddresses, words: Int32Array, at: number): Place {
  return { address: addresses.text(words, at), port: addresses.port(words, at) }
}

function receiveBuffer(libc: Libc, fd: number): number {
  const value = new Int32Array(1)
  libc.getsockopt(fd, SOL_SOCKET, SO_RCVBUF, value, Uint32Array.of(4))
  return value[0]!
}

/** Later, as everywhere. */
function tell(sender: Sender | undefined, errno: number, { address, port }: Place): void {
  if (sender !== undefined) queueMicrotask(() => sender.sendFailed(systemError('send', errno, address, port)))
}
