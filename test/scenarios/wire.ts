/** What scenario tests read from the wire and the log: datagrams by receiver and first line, and the fields they compare. */
import type { Datagram, LogLine, Simulation } from '@signalbox/core/testing'

export const PROXY = '127.0.0.1:5080'
export const PHONE = '127.0.0.1:15060'
export const CARRIER = '127.0.0.1:5090'
export const SECOND = '127.0.0.1:5091'
export const THIRD = '127.0.0.1:5092'
export const BOB = 'sip:bob@127.0.0.1:5080'

/** The datagrams sent to this address whose first line begins so, in order; lost ones and retransmissions count. */
export function sentTo(net: Simulation, address: string, start: string): string[] {
  return net.network.sent.filter(({ to, wire }) => to === address && wire.startsWith(start)).map(({ wire }) => wire)
}

/** The first value of a header, undefined when there is none. */
export function header(wire: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(wire.split('\r\n\r\n', 1)[0]!)?.[1]
}

export function cseq(wire: string): number {
  return Number.parseInt(header(wire, 'CSeq') ?? '', 10)
}

/** Of the topmost Via. */
export function branch(wire: string): string | undefined {
  return /;branch=([^;,\s]+)/.exec(header(wire, 'Via') ?? '')?.[1]
}

export function requestUri(wire: string): string | undefined {
  return wire.split(' ', 2)[1]
}

/** A parameter of a digest answer, without its quotes. */
export function digestParam(value: string | undefined, name: string): string | undefined {
  return new RegExp(`[ ,]${name}="?([^",]+)`).exec(value ?? '')?.[1]
}

/** What was logged at this level. */
export function logged(net: Simulation, level: LogLine['level']): string[] {
  return net.log.filter((line) => line.level === level).map(({ message }) => message)
}

/** Loses the first datagrams that fit, and tells how many were lost so far. */
export function loseFirst(net: Simulation, times: number, fits: (datagram: Datagram) => boolean): () => number {
  let lost = 0
  net.filter = (datagram) => {
    if (lost >= times || !fits(datagram)) return 1
    lost++
    return 0
  }
  return () => lost
}

/** Whether a datagram goes to this address and its first line begins so. */
export function going(to: string, start: string): (datagram: Datagram) => boolean {
  return (datagram) => datagram.to === to && datagram.wire.startsWith(start)
}
