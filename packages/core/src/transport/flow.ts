/**
 * Where a message goes or came from: a peer's address as seen from one of our sockets. A response goes back on the flow of its request.
 * Types only; UDP, streams and the memory network of the tests bring their own.
 */
import type { Source } from '../message/message.ts'

/** One of our listening sockets. */
export interface LocalSocket {
  readonly transport: string
  /** True where the transport retransmits by itself. */
  readonly reliable: boolean
  /** As bound; may be the unspecified address. */
  readonly address: string
  readonly port: number
  /** `host:port` to write into Via, Record-Route and Contact for this peer: advertised, bound, or of the route to it. */
  sentBy(peer: string): string
  /** Sends one message. An error is told to `sender` later, never from inside this call. */
  send(wire: string, address: string, port: number, sender: Sender | undefined): void
}

export interface Flow extends Source {
  readonly local: LocalSocket
}

/** Who is told that a message could not be sent. */
export interface Sender {
  sendFailed(error: Error): void
}
