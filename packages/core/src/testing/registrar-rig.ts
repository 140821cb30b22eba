/** A registrar of tests, on a clock that stands still, and REGISTERs for it. */
import { isMalformed, parseMessage } from '../message/parse.ts'
import type { Message } from '../message/message.ts'
import { VirtualClock } from './virtual-clock.ts'
import { Uri } from '../message/uri.ts'
import { Registrar, type RegistrarAnswer, type RegistrarOptions } from '../registrar/registrar.ts'
import { defaultRules, type RegistrarRules } from '../registrar/rules.ts'
import type { LocationStore } from '../registrar/location-table.ts'

export interface Asked {
  to?: string
  /** Values of Contact; none is a query. */
  contact?: string | readonly string[]
  /** The Expires header. */
  expires?: string | number
  callId?: string
  cseq?: number
  headers?: Record<string, string>
}

/** Any moment will do. */
export const EPOCH = Date.UTC(2026, 0, 1, 12)

export class SampleRegistrar {
  readonly clock: VirtualClock
  readonly registrar: Registrar
  readonly said: string[] = []

  constructor(
    rules: Partial<RegistrarRules> = {},
    store?: LocationStore,
    clock = new VirtualClock(),
    shared: Pick<RegistrarOptions, 'changed' | 'telling' | 'original'> = {},
  ) {
    this.clock = clock
    const say = (line: string): void => void this.said.push(line)
    this.registrar = new Registrar({
      rules: { ...defaultRules, bindings: 1_000, ...rules },
      isOwnAddress: (host) => host === '192.0.2.1' || host === '192.0.2.2',
      clock,
      calendar: () => EPOCH + clock.now(),
      store,
      log: { info: say, warn: say },
      ...shared,
    })
  }

  register(asked: Asked): RegistrarAnswer {
    return this.registrar.save(makeRegister(asked), 'udp:192.0.2.1:5060')
  }

  /** The status alone. */
  status(asked: Asked): number {
    return this.register(asked).status
  }

  /** The Contacts that a query is answered. */
  contacts(to = ALICE): string[] {
    return headers(this.register({ to }), CONTACT)
  }

  /** The Request-URIs by preference. */
  targets(uri = ALICE): string[][] {
    const groups = this.registrar.lookup(Uri.from(uri), 64)
    return groups.map((group) => group.map(({ requestUri }) => requestUri.toString()))
  }
}

export const ALICE = 'sip:alice@example.com'
const CONTACT = 9

export function headers(answer: RegistrarAnswer, id: number): string[] {
  return answer.headers.filter(([name]) => name === id).map(([, value]) => value)
}

export function makeRegister({ to = ALICE, contact = [], expires, callId = 'c1', cseq = 1, headers }: Asked): Message {
  const contacts = typeof contact === 'string' ? [contact] : contact
  const lines = [
    'REGISTER sip:example.com SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1',
    `From: <${to}>;tag=1`,
    `To: <${to}>`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} REGISTER`,
    ...contacts.map((value) => `Contact: ${value}`),
    ...(expires === undefined ? [] : [`Expires: ${expires}`]),
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ]
  const flow = { transport: 'udp', address: '192.0.2.9', port: 5060 }
  const message = parseMessage(Buffer.from(lines.join('\r\n') + '\r\n\r\n'), flow as never)
  if (isMalformed(message)) throw new Error(message.code)
  return message
}
