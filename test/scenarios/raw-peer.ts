/**
 * A peer that sends what a well-behaved phone would not, to the byte: nothing is repeated, acknowledged or answered unless the test does it.
 */
import type { Simulation } from '@signalbox/core/testing'
import { PROXY } from './wire.ts'

export interface RawRequest {
  method?: string
  ruri?: string
  branch?: string
  /** The tag of From. */
  from?: string
  /** The tag of To. */
  to?: string
  callId?: string
  cseq?: number
  maxForwards?: number
  /** More lines of the head. */
  lines?: readonly string[]
}

export class RawPeer {
  readonly address: string
  /** What came, in order. */
  readonly received: string[] = []
  readonly #net: Simulation

  constructor(net: Simulation, address = '127.0.0.2:5060') {
    this.address = address
    this.#net = net
    const [host = '', port] = address.split(':')
    net.network.open(host, Number(port), (bytes) => this.received.push(bytes.toString('latin1')))
  }

  /** Sends it to the proxy and lets what follows at once happen. */
  async send(request: RawRequest | string): Promise<void> {
    const wire = typeof request === 'string' ? request : this.request(request)
    this.#net.network.put({ from: this.address, to: PROXY, wire })
    await this.#net.advance(0)
  }

  request(parts: RawRequest = {}): string {
    const { method = 'INVITE', ruri = 'sip:bob@127.0.0.1:5080', branch = 'z9hG4bKraw', callId = 'raw-call' } = parts
    const { from = 'a', to, cseq = 1, maxForwards = 70, lines = [] } = parts
    return [
      `${method} ${ruri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.address};branch=${branch}`,
      `Max-Forwards: ${maxForwards}`,
      `From: <sip:alice@${this.address}>;tag=${from}`,
      `To: <sip:bob@127.0.0.1:5080>${to === undefined ? '' : `;tag=${to}`}`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} ${method}`,
      `Contact: <sip:alice@${this.address}>`,
      ...lines,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n')
  }

  /** The first words of what came: `487`, `BYE`. */
  get summary(): string[] {
    return this.received.map((wire) => /^SIP\/2\.0 (\d+)|^(\S+)/.exec(wire)!.slice(1).find(Boolean)!)
  }

  /** The last response with this status. */
  last(status: number): string {
    return this.received.findLast((wire) => wire.startsWith(`SIP/2.0 ${status}`)) ?? ''
  }
}
