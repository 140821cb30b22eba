/** What happened in a simulation, in order: messages, whether they arrived, and the route lines that ran. Read as a diagram, a text or a sequence. */
import { parseHostPort } from '../config/address.ts'
import { ladder, seconds, summary, type LadderEvent, type LadderMessage } from './ladder.ts'
import type { Datagram } from './network.ts'

/** A message with when it was sent and, once for each copy, how long it took: none for one that was lost. */
export interface SentMessage extends LadderMessage {
  readonly time: number
  readonly delays: readonly number[]
}

export type JournalEvent = SentMessage | (Exclude<LadderEvent, LadderMessage> & { time: number; callId: string })

export class Journal {
  readonly events: JournalEvent[] = []
  /** Address → the name it was given. */
  readonly names: Map<string, string>
  readonly proxyAddress: string
  /** Their titles. Empty: nobody has said. */
  readonly #routes = new Set<string>()
  readonly #now: () => number
  readonly #start: number

  /** `now` in milliseconds; its zero means nothing. */
  constructor(proxyAddress: string, now: () => number) {
    this.proxyAddress = proxyAddress
    this.names = new Map([[proxyAddress, 'signalbox']])
    this.#now = now
    this.#start = now()
  }

  message(datagram: Datagram, delays: readonly number[] = [0]): void {
    this.events.push({ kind: 'message', ...datagram, time: this.#time(), delays })
  }

  route({ callId, what, where }: { callId: string; what: string; where: string }): void {
    this.events.push({ kind: 'route', at: this.proxyAddress, callId, what, where, time: this.#time() })
  }

  #time(): number {
    return this.#now() - this.#start
  }

  get messages(): SentMessage[] {
    return this.events.filter((event) => event.kind === 'message')
  }

  /** Of a name, or of an address itself. Throws on a name that nobody has. */
  addressOf(peer: string): string {
    for (const [address, name] of this.names) if (name === peer) return address
    const address = peer.replace(/^udp:/, '')
    if (parseHostPort(address)?.port !== undefined) return address
    throw new Error(`nobody is named '${peer}': there is ${listed([...this.names.values()])}`)
  }

  /** Routes that may run. */
  knowsRoutes(titles: readonly string[]): void {
    for (const title of titles) this.#routes.add(title)
  }

  /** Throws on a route such as `onFailure 'X'` that there never was: a test that it did not run could not fail. */
  refuseUnknownRoute(said: string): void {
    if ([...this.#routes].some((title) => said.includes(title))) return
    const title = /\bon[A-Z]\w* '[^']*'/.exec(said)?.[0]
    if (title === undefined || this.#routes.size === 0) return
    throw new Error(`there is no route ${title}: there is ${[...this.#routes].join(', ')}`)
  }

  ofCall(callId: string): JournalEvent[] {
    return this.events.filter((event) => (event.kind === 'route' ? event.callId : callIdOf(event.wire)) === callId)
  }

  ladder(events: readonly JournalEvent[] = this.events): string {
    return ladder(
      events.map((event) => (event.kind === 'message' ? { ...event, lost: event.delays.length === 0 } : event)),
      this.names,
    )
  }

  /** Every byte that was sent, with its time and what became of it, and every route that ran. */
  transcript(): string {
    return this.events.map((event) => `${seconds(event.time)} ${told(event)}\n`).join('\n')
  }

  /**
   * What went between the proxy and each peer, in order, without what was only repeated: `> 1 INVITE` came from the peer, `< 100 Trying (1 INVITE)`
   * went to it. Peers that have a name stand under it.
   */
  sequence(): Record<string, string[]> {
    const sequences: Record<string, string[]> = {}
    const seen = new Set<string>()
    for (const { from, to, wire } of this.messages) {
      const id = `${from} ${to} ${identity(wire)}`
      if (seen.has(id)) continue
      seen.add(id)
      const [peer, direction] = from === this.proxyAddress ? [to, '<'] : [from, '>']
      ;(sequences[this.names.get(peer) ?? peer] ??= []).push(`${direction} ${summary(wire)}`)
    }
    return sequences
  }
}

function listed(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ')
}

function told(event: JournalEvent): string {
  if (event.kind === 'route') return `${event.at} ran ${event.what} ${event.where}`.trimEnd()
  const { from, to, delays, wire } = event
  const fate = delays.length === 1 && delays[0] === 0 ? '' : ` (${fateOf(delays)})`
  return `${from} → ${to}${fate}\n${wire}`
}

function fateOf(delays: readonly number[]): string {
  return delays.length === 0 ? 'lost' : `arrives after ${delays.map((delay) => `${delay} ms`).join(' and ')}`
}

export function callIdOf(wire: string): string | undefined {
  return /^(?:Call-ID|i)[ \t]*:[ \t]*(.*?)[ \t]*$/im.exec(wire)?.[1]
}

/** The same for a message and its retransmissions. RFC 3261 §13.2.2.4: the ACK to a 2xx may have another branch each time. */
function identity(wire: string): string {
  const [start] = wire.split('\r\n', 1)
  const cseq = /^CSeq[ \t]*:.*$/im.exec(wire)?.[0]
  const to = /^(?:To|t)[ \t]*:.*$/im.exec(wire)?.[0]
  const branch = wire.startsWith('ACK ') ? '' : /;[ \t]*branch=([^;,\s]+)/i.exec(wire)?.[1]
  return [start, callIdOf(wire), cseq, to, branch].join('\n')
}
