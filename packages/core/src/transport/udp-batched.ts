/**
 * Datagrams by `recvmmsg` and `sendmmsg`: one system call for many, into and out of memory that is made once. The socket is ours and libuv watches
 * it through `node:dgram`, which reads the first datagram of a turn; we read the others, and what was sent meanwhile leaves at the end of the turn.
 *
 * What a turn has got to stands in fields: a route may be ended in the middle of it, with all of the stack, and the next turn goes on from there.
 */
import type dgram from 'node:dgram'
import type { Sender } from './flow.ts'
import { EAGAIN, EINTR, EINVAL, EMSGSIZE, ENOBUFS, MSG_DONTWAIT, systemError, type Libc } from './libc.ts'
import { BATCH, MessageBatch, ROOM } from './message-batch.ts'
import { openByLibc, type Binding, type Place } from './open-socket.ts'
import { NAME_WORDS, SocketAddresses } from './socket-address.ts'
import { sendByDgram, type Datagrams, type Receiver } from './udp-dgram.ts'

/** Datagrams between two looks at timers and other sockets. */
const AT_ONCE = 128

export class BatchedDatagrams implements Datagrams {
  readonly kind = 'batched'
  readonly socket: dgram.Socket
  readonly #libc: Libc
  readonly fd: number
  readonly #receiver: Receiver
  readonly #addresses: SocketAddresses
  readonly #in: MessageBatch
  readonly #out: MessageBatch
  readonly #senders: (Sender | undefined)[] = Array.from({ length: BATCH })
  /** Places of `#in` that hold a datagram which nobody has seen: from `#next` on, before `#received`. */
  #next = 0
  #received = 0
  /** Places of `#out` that hold one to be sent, likewise. */
  #sent = 0
  #queued = 0
  /** Sent through libuv, which waits for room in the kernel: until they have left, the others go that way, too. */
  #waiting = 0
  /** Datagrams that may be read before timers and other sockets have had their turn. */
  #left = AT_ONCE
  #later: NodeJS.Immediate | undefined
  #isClosed = false

  private constructor(
    libc: Libc,
    fd: number,
    bound: { socket: dgram.Socket; addresses: SocketAddresses },
    to: Receiver,
  ) {
    this.#libc = libc
    this.fd = fd
    this.#receiver = to
    this.#addresses = bound.addresses
    this.#in = new MessageBatch(libc, bound.addresses.length)
    this.#out = new MessageBatch(libc, bound.addresses.length)
    this.socket = bound.socket
    this.socket.on('message', (bytes, { address, port }) => this.#turn(bytes, address, port))
  }

  static async open(libc: Libc, binding: Binding, receiver: Receiver): Promise<BatchedDatagrams> {
    const addresses = new SocketAddresses(libc, binding.isIPv6)
    const { socket, fd } = await openByLibc(libc, addresses, binding)
    return new BatchedDatagrams(libc, fd, { socket, addresses }, receiver)
  }

  send(wire: string, address: string, port: number, sender: Sender | undefined): void {
    if (this.#isClosed || this.#waiting > 0)
      return this.#sendByDgram(Buffer.from(wire, 'latin1'), { address, port }, sender)
    const place = this.#queued
    const isWritten = this.#addresses.write(address, port, this.#out.names, place * NAME_WORDS)
    if (!isWritten || wire.length > ROOM) return tell(sender, isWritten ? EMSGSIZE : EINVAL, { address, port })
    this.#out.write(wire, place)
    this.#senders[place] = sender
    this.#queued++
    this.#later ??= setImmediate(this.#settle)
    if (this.#queued === BATCH) this.#flush()
  }

  close(): Promise<void> {
    this.#flush()
    this.#isClosed = true
    clearImmediate(this.#later)
    return new Promise((resolve) => this.socket.close(resolve))
  }

  /** A wake-up: one datagram, those behind it, and whatever is to be sent for them. */
  #turn(bytes: Buffer, address: string, port: number): void {
    this.#later ??= setImmediate(this.#settle)
    this.#handleRead()
    this.#left--
    this.#receiver.datagram(bytes, address, port)
    this.#drain()
    this.#receiver.turnEnded?.()
    this.#flush()
    // There is nothing left to do, but for the budget, which lasts for some turns.
    if (this.#left < AT_ONCE / 2) return
    clearImmediate(this.#later)
    this.#later = undefined
  }

  /** After the sockets had their turn: sends what was sent outside of a turn, and what one did not get to. */
  #settle = (): void => {
    this.#later = undefined
    this.#left = AT_ONCE
    this.#handleRead()
    this.#flush()
  }

  #drain(): void {
    // A receiver may close the socket, and its number be another file's.
    while (this.#left > 0 && !this.#isClosed) {
      const count = this.#libc.recvmmsg(this.fd, this.#in.headers, BATCH, MSG_DONTWAIT, null)
      if (count < 0) return this.#notReceived(this.#libc.errno())
      this.#next = 0
      this.#received = count
      this.#left -= count
      this.#handleRead()
      if (count < BATCH) return
    }
  }

  #notReceived(errno: number): void {
    if (errno !== EAGAIN && errno !== EINTR) this.socket.emit('error', systemError('recvmmsg', errno))
  }

  #handleRead(): void {
    while (this.#next < this.#received && !this.#isClosed) {
      const place = this.#next++
      const { names } = this.#in
      const at = place * NAME_WORDS
      this.#receiver.datagram(
        this.#in.received(place),
        this.#addresses.text(names, at),
        this.#addresses.port(names, at),
      )
    }
  }

  #flush(): void {
    while (this.#sent < this.#queued) {
      const headers = this.#out.headersFrom(this.#sent)
      const count = this.#libc.sendmmsg(this.fd, headers, this.#queued - this.#sent, 0)
      if (count > 0) this.#sent += count
      else this.#notSent(this.#libc.errno())
    }
    for (let place = 0; place < this.#queued; place++) this.#senders[place] = undefined
    this.#sent = 0
    this.#queued = 0
  }

  /** What is wrong with the first of them says nothing about the others, unless the kernel has no room. */
  #notSent(errno: number): void {
    if (errno === EINTR) return
    if (errno !== EAGAIN && errno !== ENOBUFS) return tell(this.#senders[this.#sent], errno, this.#peer(this.#sent++))
    while (this.#sent < this.#queued) {
      const place = this.#sent++
      this.#sendByDgram(Buffer.from(this.#out.written(place)), this.#peer(place), this.#senders[place])
    }
  }

  #peer(place: number): Place {
    const { names } = this.#out
    const at = place * NAME_WORDS
    return { address: this.#addresses.text(names, at), port: this.#addresses.port(names, at) }
  }

  #sendByDgram(bytes: Buffer, place: Place, sender: Sender | undefined): void {
    this.#waiting++
    sendByDgram(this.socket, bytes, place, (error) => {
      this.#waiting--
      if (error !== null) sender?.sendFailed(error)
    })
  }
}

/** Later, as everywhere. */
function tell(sender: Sender | undefined, errno: number, { address, port }: Place): void {
  if (sender !== undefined) queueMicrotask(() => sender.sendFailed(systemError('send', errno, address, port)))
}
