/** Phones that register: raw, so that a test says which CSeq, Call-ID and Contact they send. */
import type { Simulation } from '@signalbox/core/testing'
import { PROXY } from './wire.ts'

export interface Registering {
  user?: string
  /** Values of Contact. */
  contact?: readonly string[]
  callId?: string
  cseq?: number
  branch?: string
  lines?: readonly string[]
}

export class Registrant {
  readonly received: string[] = []
  readonly #net: Simulation
  readonly #address: string
  #sent = 0

  constructor(net: Simulation, address = '127.0.0.3:5060') {
    this.#net = net
    this.#address = address
    const [host = '', port] = address.split(':')
    net.network.open(host, Number(port), (bytes) => this.received.push(bytes.toString('latin1')))
  }

  /** The answer to it, once what follows at once has happened. */
  async register(asked: Registering): Promise<string> {
    this.put(asked)
    await this.#net.advance(0)
    return this.received.at(-1) ?? ''
  }

  /** Sends it, and no more. */
  put(asked: Registering): void {
    this.#net.network.put({ from: this.#address, to: PROXY, wire: this.wire(asked) })
  }

  wire({ user = 'alice', contact = [], callId = 'reg-1', cseq = 1, branch, lines = [] }: Registering): string {
    return [
      `REGISTER sip:${PROXY} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.#address};branch=${branch ?? `z9hG4bKreg${++this.#sent}`}`,
      'Max-Forwards: 70',
      `From: <sip:${user}@127.0.0.1>;tag=f`,
      `To: <sip:${user}@127.0.0.1>`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} REGISTER`,
      ...contact.map((value) => `Contact: ${value}`),
      ...lines,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n')
  }
}

/** The Contacts of an answer. */
export function contactsOf(wire: string): string[] {
  return [...wire.matchAll(/^Contact: (.*)\r$/gm)].map((match) => match[1]!)
}
