/**
 * A socket that keeps what is sent, for tests of what stands above it. Nothing is delivered; an error is told when the test says so.
 */
import type { Flow, LocalSocket, Sender } from '../transport/flow.ts'
import type { VirtualClock } from './virtual-clock.ts'

export interface Sent {
  /** Virtual time. */
  readonly time: number
  readonly wire: string
  readonly address: string
  readonly port: number
  readonly sender: Sender | undefined
}

export class RecordingSocket implements LocalSocket {
  readonly transport: string
  readonly reliable: boolean
  readonly address = '192.0.2.1'
  readonly port = 5060
  readonly sent: Sent[] = []
  readonly #clock: VirtualClock

  constructor(clock: VirtualClock, { reliable = false } = {}) {
    this.#clock = clock
    this.reliable = reliable
    this.transport = reliable ? 'tcp' : 'udp'
  }

  sentBy(): string {
    return `${this.address}:${this.port}`
  }

  send(wire: string, address: string, port: number, sender: Sender | undefined): void {
    this.sent.push({ time: this.#clock.now(), wire, address, port, sender })
  }

  /** Where a peer at this address is reached, or was heard. */
  flow(address = '192.0.2.9', port = 5060): Flow {
    return { transport: this.transport, address, port, local: this }
  }

  /** When something that begins like this was sent. */
  times(start = ''): number[] {
    return this.sent.filter(({ wire }) => wire.startsWith(start)).map(({ time }) => time)
  }

  /** The first words of everything sent: `INVITE`, `SIP/2.0 486`. */
  get summary(): string[] {
    return this.sent.map(({ wire }) => /^SIP\/2\.0 \d+|^\S+/.exec(wire)?.[0] ?? '')
  }

  /** Tells the sender of the last message that it did not go out. */
  failLast(error = new Error('unreachable')): void {
    this.sent.at(-1)?.sender?.sendFailed(error)
  }
}
