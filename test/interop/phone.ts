/** A phone played by the test itself: raw datagrams in and out, for what SIPp's scenarios cannot time or would not send. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { firstLine, header, headers } from './sipp-trace.ts'
import { until } from './wait.ts'

export class Phone {
  /** As it stands in a URI: IPv6 in [ ]. */
  readonly host: string
  readonly port: number
  /** All that ever came. */
  readonly received: string[] = []
  readonly #waiting: string[] = []
  readonly #socket: Socket

  constructor(socket: Socket) {
    const { address, port, family } = socket.address()
    this.#socket = socket
    this.host = family === 'IPv6' ? `[${address}]` : address
    this.port = port
    socket.on('message', (bytes) => {
      const text = bytes.toString('latin1')
      this.received.push(text)
      this.#waiting.push(text)
    })
  }

  /** To this port on the phone's own address. */
  send(bytes: string | Uint8Array, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const { address } = this.#socket.address()
      this.#socket.send(bytes, port, address, (error) => (error ? reject(error) : resolve()))
    })
  }

  /** The next message, now or later, with this method or status: `receive('ACK')`, `receive('200')`. Each is given once. */
  receive(kind: string): Promise<string> {
    const isIt = (text: string): boolean => firstLine(text).replace('SIP/2.0 ', '').startsWith(`${kind} `)
    return until(`${kind} arrives`, () => {
      const index = this.#waiting.findIndex(isIt)
      return index < 0 ? undefined : this.#waiting.splice(index, 1)[0]
    })
  }

  /** A request with what RFC 3261 §8.1.1 asks for, and nothing else. */
  request(method: string, callId: string, target: number): string {
    return lines(
      `${method} sip:service@${this.host}:${target} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.host}:${this.port};branch=z9hG4bK-${callId}`,
      `From: <sip:phone@${this.host}:${this.port}>;tag=${callId}`,
      `To: <sip:service@${this.host}:${target}>`,
      `Call-ID: ${callId}`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:phone@${this.host}:${this.port}>`,
      'Max-Forwards: 70',
      'Content-Length: 0',
    )
  }

  /**
   * A request within a dialog (RFC 3261 §12.2.1.1). `peer` is the message that made the dialog, as it came here: the answer at
   * the caller, the INVITE at the callee.
   */
  inDialog(method: string, number: number, peer: string): string {
    const isCaller = peer.startsWith('SIP/2.0')
    const [caller, callee] = [header(peer, 'From'), tagged(header(peer, 'To'))]
    const recorded = headers(peer, 'Record-Route')
    return lines(
      `${method} ${/<(.*?)>/.exec(header(peer, 'Contact'))?.[1]} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.host}:${this.port};branch=z9hG4bK-${method}-${number}`,
      ...(isCaller ? recorded.toReversed() : recorded).map((route) => `Route: ${route}`),
      `From: ${isCaller ? caller : callee}`,
      `To: ${isCaller ? callee : caller}`,
      `Call-ID: ${header(peer, 'Call-ID')}`,
      `CSeq: ${number} ${method}`,
      `Contact: <sip:phone@${this.host}:${this.port}>`,
      'Max-Forwards: 70',
      'Content-Length: 0',
    )
  }

  close(): void {
    this.#socket.close()
  }
}

export async function openPhone(address = '127.0.0.1'): Promise<Phone> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  socket.bind(0, address)
  await once(socket, 'listening')
  return new Phone(socket)
}

/** The callee's answer to a request as it came (RFC 3261 §8.2.6.2, §12.1.1). */
export function answer(request: string, status: string, ...more: string[]): string {
  const copied = request.split('\r\n').filter((line) => /^(Via|Record-Route):/i.test(line))
  return lines(
    `SIP/2.0 ${status}`,
    ...copied,
    `From: ${header(request, 'From')}`,
    `To: ${tagged(header(request, 'To'))}`,
    `Call-ID: ${header(request, 'Call-ID')}`,
    `CSeq: ${header(request, 'CSeq')}`,
    ...more,
    'Content-Length: 0',
  )
}

/** The CANCEL of a request as it was sent (RFC 3261 §9.1). */
export function cancel(invite: string): string {
  const [first = '', ...others] = invite.split('\r\n')
  const kept = others.filter((line) => /^(Via|Route|From|To|Call-ID|Max-Forwards):/i.test(line))
  return lines(first.replace(/^\w+/, 'CANCEL'), ...kept, `CSeq: ${Number.parseInt(header(invite, 'CSeq'), 10)} CANCEL`)
}

/** The callee's To, with a tag if nobody has given it one. */
function tagged(to: string): string {
  return to.includes(';tag=') ? to : `${to};tag=callee`
}

function lines(...all: string[]): string {
  return [...all, '', ''].join('\r\n')
}
