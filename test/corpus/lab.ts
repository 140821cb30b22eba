/**
 * A proxy that relays everything, between a caller and a callee, on real UDP loopback. Each message of the corpus has a proxy of its own,
 * since they share branches.
 */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createServer, parseConfig, type Server } from '@signalbox/core'
import { buildBundle } from '@signalbox/core/build'
import { openParty, type Party } from './party.ts'
import { fieldsNamed, putTogether, valueOf, type Text } from './text.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))
const bundle = buildBundle({ routes: path.join(folder, 'relay-everything.ts'), root: folder })

export interface Lab {
  readonly caller: Party
  readonly callee: Party
  /** `127.0.0.1:40000`. */
  readonly proxy: string
  readonly port: number
  /** A whole call from the caller to the callee. What was sent before it has had its effect when it is over. */
  normalCall(): Promise<void>
  close(): Promise<void>
}

/** Caller and callee of one address family; the proxies between them come and go. */
export class Parties {
  readonly caller: Party
  readonly callee: Party
  readonly #host: string
  #calls = 0

  private constructor(host: string, caller: Party, callee: Party) {
    this.#host = host
    this.caller = caller
    this.callee = callee
  }

  static async open(host: string): Promise<Parties> {
    return new Parties(host, await openParty(host), await openParty(host))
  }

  /** A fresh proxy. */
  async lab(): Promise<Lab> {
    const { caller, callee } = this
    caller.forget()
    callee.forget()
    process.env['CORPUS_CALLER'] = `sip:${caller.address}`
    process.env['CORPUS_CALLEE'] = `sip:${callee.address}`
    const server = await startProxy(this.#host)
    const proxy = server.listening[0]!.replace('udp:', '')
    const port = Number(proxy.slice(proxy.lastIndexOf(':') + 1))
    const lab = { caller, callee, proxy, port, close: () => server.close() }
    return { ...lab, normalCall: () => this.#normalCall(port) }
  }

  async close(): Promise<void> {
    await Promise.all([this.caller.close(), this.callee.close()])
  }

  async #normalCall(port: number): Promise<void> {
    const { caller, callee } = this
    const callId = `normal-${++this.#calls}`
    caller.send(this.request('INVITE', callId), port)
    callee.send(answerTo(await callee.next('INVITE', callId), '200 OK', `Contact: <sip:${callee.address}>`), port)
    const answered = await caller.next('200', callId)
    const more = fieldsNamed(answered, 'record-route').map((field) => field.replace('Record-Route', 'Route'))
    const to = valueOf(answered, 'to')
    caller.send(this.request('ACK', callId, { to, more }), port)
    await callee.next('ACK', callId)
    caller.send(this.request('BYE', callId, { to, more, number: 2 }), port)
    callee.send(answerTo(await callee.next('BYE', callId), '200 OK'), port)
    await caller.next('200', callId, (text) => valueOf(text, 'cseq') === '2 BYE')
  }

  /** A request of the caller's with what RFC 3261 §8.1.1 asks for. */
  request(
    method: string,
    callId: string,
    { to, number = 1, more = [] }: { to?: string | undefined; number?: number; more?: string[] } = {},
  ): Buffer {
    const { caller, callee } = this
    return putTogether({
      start: `${method} sip:${callee.address} SIP/2.0`,
      fields: [
        `Via: SIP/2.0/UDP ${caller.address};rport;branch=z9hG4bK-${callId}-${method}`,
        ...more,
        `From: <sip:caller@${caller.address}>;tag=caller`,
        `To: ${to ?? `<sip:callee@${callee.address}>`}`,
        `Call-ID: ${callId}`,
        `CSeq: ${number} ${method}`,
        `Contact: <sip:${caller.address}>`,
        'Max-Forwards: 70',
        'Content-Length: 0',
      ],
      body: '',
    })
  }
}

/** RFC 3261 §8.2.6.2: what an answer copies, to the byte. */
export function answerTo(request: Text, status: string, ...more: string[]): Buffer {
  const copied = fieldsNamed(request, 'via', 'record-route', 'from', 'call-id', 'cseq')
  const [to = 'To: <sip:nobody@invalid>'] = fieldsNamed(request, 'to')
  const tagged = /;\s*tag\s*=/i.test(to) ? to : `${to};tag=callee`
  return putTogether({
    start: `SIP/2.0 ${status}`,
    fields: [...copied, tagged, ...more, 'Content-Length: 0'],
    body: '',
  })
}

export function isRequest(text: Text): boolean {
  return !text.start.startsWith('SIP/')
}

/** What belongs to no normal call, each once: a slow machine sends some of it again. */
export function strangers(received: readonly Text[]): Text[] {
  const others = received.filter((text) => !valueOf(text, 'call-id')?.startsWith('normal-'))
  const byWire = new Map(others.map((text) => [putTogether(text).toString('latin1'), text]))
  return [...byWire.values()]
}

async function startProxy(host: string): Promise<Server> {
  const listen = [`udp:${host.includes(':') ? `[${host}]` : host}:0`]
  const config = parseConfig(
    { listen, admin: { listen: '127.0.0.1:0' }, log: { level: 'error' } },
    path.join(folder, 'signalbox.config.ts'),
    {},
  )
  return createServer({ config, bundle: await bundle })
}
