/** The kit's phone and carrier on real sockets and in real time: for the demo, and to replay a scenario over UDP. */
import { realClock } from '../timers/clock.ts'
import { UdpSocket } from '../transport/udp.ts'
import type { Agent } from './agent.ts'
import { Uac } from './uac.ts'
import { Uas, type Behaviour } from './uas.ts'

/** An agent and how to take it down. */
export interface OnUdp<A extends Agent> {
  readonly agent: A
  close(): Promise<void>
}

/** A carrier, or a phone that is called, at `host:port`. Rejects with `LISTEN`. */
export function uasOnUdp(at: string, behaviour: Behaviour): Promise<OnUdp<Uas>> {
  return onUdp(at, (socket) => new Uas({ open: () => socket, clock: realClock }, behaviour))
}

/** A phone that calls through the proxy at `proxy` (`host:port`). */
export function uacOnUdp(at: string, proxy: string): Promise<OnUdp<Uac>> {
  return onUdp(at, (socket) => new Uac({ open: () => socket, clock: realClock }, `sip:${proxy}`))
}

async function onUdp<A extends Agent>(at: string, make: (socket: UdpSocket) => A): Promise<OnUdp<A>> {
  const colon = at.lastIndexOf(':')
  const options = { host: at.slice(0, colon), port: Number(at.slice(colon + 1)) }
  let agent: A | undefined
  const socket = await UdpSocket.open(
    options,
    (bytes, address, port) => agent?.receive(bytes, address, port),
    (error) => {
      throw error
    },
  )
  agent = make(socket)
  return { agent, close: () => socket.close() }
}
