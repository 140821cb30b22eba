/** A phone played by the test itself: raw datagrams in and out, for what SIPp's scenarios cannot time or would not send. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { firstLine, header } from './sipp-trace.ts'
import { until } from './wait.ts'

export class Phone {
  readonly port: number
  readonly received: string[] = []
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    this.port = socket.address().port
    socket.on('message', (bytes) => this.received.push(bytes.toString('latin1')))
  }

  send(bytes: string | Uint8Array, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(bytes, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()))
    })
  }

  /** The first message whose first line matches, now or later. */
  receive(pattern: RegExp, timeout = 5_000): Promise<string> {
    return until(`a message like ${pattern}`, () => this.received.find((text) => pattern.test(firstLine(text))), {
      timeout,
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

/** The callee's answer to a request as it came (RFC 3261 §8.2.6.2). */
export function answer(request: string, status: string): string {
  const vias = request.split('\r\n').filter((line) => /^Via:/i.test(line))
  const contact = header(request, 'Contact')
  return lines(
    `SIP/2.0 ${status}`,
    ...vias,
    `From: ${header(request, 'From')}`,
    `To: ${header(request, 'To')};tag=callee`,
    `Call-ID: ${header(request, 'Call-ID')}`,
    `CSeq: ${header(request, 'CSeq')}`,
    `Contact: ${contact}`,
    'Content-Length: 0',
  )
}

function lines(...all: string[]): string {
  return [...all, '', ''].join('\r\n')
}
