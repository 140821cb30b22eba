/** One side of the tests: a UDP socket that keeps what came. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { kindOf, takeApart, valueOf, type Text } from './text.ts'

/** How long anything is waited for, in milliseconds. On loopback it takes one or two. */
const PATIENCE = 5_000

export class Party {
  /** `127.0.0.1:40000`, `[::1]:40000`. */
  readonly address: string
  readonly received: Text[] = []
  /** Does something with each message, before anybody who waits for it. */
  onMessage: (text: Text) => void = () => undefined
  readonly #socket: Socket
  readonly #host: string
  #look: () => void = () => undefined

  constructor(socket: Socket, host: string) {
    this.#socket = socket
    this.#host = host
    this.address = `${isIPv6(host) ? `[${host}]` : host}:${socket.address().port}`
    socket.on('message', (bytes) => {
      const text = takeApart(bytes)
      this.received.push(text)
      this.onMessage(text)
      this.#look()
    })
  }

  send(bytes: Buffer, port: number): void {
    this.#socket.send(bytes, port, this.#host)
  }

  /** The first message of this kind and Call-ID, now or later. */
  async next(kind: string, callId: string | undefined, isIt: (text: Text) => boolean = () => true): Promise<Text> {
    const wanted = (text: Text): boolean =>
      kindOf(text) === kind && (callId === undefined || valueOf(text, 'call-id') === callId) && isIt(text)
    const there = this.received.find(wanted)
    if (there !== undefined) return there
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${kind} came: ${this.#summary()}`)), PATIENCE)
      this.#look = () => {
        const found = this.received.find(wanted)
        if (found === undefined) return
        clearTimeout(timer)
        this.#look = () => undefined
        resolve(found)
      }
    })
  }

  forget(): void {
    this.received.length = 0
    this.onMessage = () => undefined
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(resolve))
  }

  #summary(): string {
    return this.received.map(({ start }) => start).join(' | ') || 'nothing did'
  }
}

/** Rejects where the machine does not have this address. */
export async function openParty(host: string): Promise<Party> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  socket.bind(0, host)
  await once(socket, 'listening')
  return new Party(socket, host)
}
