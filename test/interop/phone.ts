/** A phone played by the test itself: raw datagrams in and out, for what SIPp's scenarios cannot time or would not send. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { firstLine, header } from './sipp-trace.ts'
import { until } from './wait.ts'

export class Phone {
  readonly port: number
  /** All that ever came. */
  readonly received: string[] = []
  readonly #waiting: string[] = []
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    this.port = socket.address().port
    socket.on('message', (bytes) => {
      const text = bytes.toString('latin1')
      this.received.push(text)
      this.#waiting.push(text)
    })
  }

  send(bytes: string | Uint8Array, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(bytes, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()))
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
      `${method} sip:service@127.0.0.1:${target} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${this.port};branch=z9hG4bK-${callId}`,
      `From: <sip:phone@127.0.0.1:${this.port}>;tag=${callId}`,
      `To: <sip:service@127.0.0.1:${target}>`,
      `Call-ID: ${callId}`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:phone@127.0.0.1:${this.port}>`,
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
    return lines(
      `${method} ${/<(.*?)>/.exec(header(peer, 'Contact'))?.[1]} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${this.port};branch=z9hG4bK-${method}-${number}`,
      `Route: ${header(peer, 'Record-Route')}`,
      `From: ${isCaller ? caller : callee}`,
      `To: ${isCaller ? callee : caller}`,
      `Call-ID: ${header(peer, 'Call-ID')}`,
      `CSeq: ${number} ${method}`,
      `Contact: <sip:phone@127.0.0.1:${this.port}>`,
      'Max-Forwards: 70',
      'Content-Length: 0',
    )
  }

  close(): void {
    this.#socket.close()
  }
}

export async function openPhone(): Promise<Phone> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
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

/** The callee's To, with a tag if nobody has given it one. */
function tagged(to: string): string {
  return to.includes(';tag=') ? to : `${to};tag=callee`
}

function lines(...all: string[]): string {
  return [...all, '', ''].join('\r\n')
}
