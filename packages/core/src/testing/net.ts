/** What a scenario needs of its network: the same on the memory network and on real sockets, so that one function runs on both. */
import type { LogLine } from './simulate-options.ts'
import type { Uac } from './uac.ts'
import type { Behaviour, Uas } from './uas.ts'

/** What `simulate` and `overUdp` have in common. */
export interface Net {
  /** `127.0.0.1:5080`. */
  readonly proxyAddress: string
  /** What routes and core logged. */
  readonly log: readonly LogLine[]
  /** A carrier, or a phone that is called, at this address. Diagrams and matchers know it by its name too. */
  uas(address: string, behaviour: Behaviour, name?: string): Uas
  /** A phone that calls through the proxy. */
  uac(address?: string, name?: string): Uac
  /** Lets this much time pass: milliseconds or `'32s'`. */
  advance(duration: number | string): Promise<void>
  /** Runs until this is settled. */
  until<T>(promise: Promise<T>): Promise<T>
  /** Everything so far as a diagram. */
  ladder(): string
  /** Everything so far with every byte: for comparing and for keeping. */
  transcript(): string
  /** What went between the proxy and each peer, without retransmissions: the same in memory and on real sockets. */
  sequence(): Record<string, string[]>
  close(): Promise<void>
}
