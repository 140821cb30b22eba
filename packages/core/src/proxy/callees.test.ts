/** Calls answered here whose ACK is awaited: their timers, their end, and a BYE that finds its way or does not. */
import { describe, expect, it } from 'vitest'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import { makeResponse } from '../message/reply.ts'
import type { Uri } from '../message/uri.ts'
import { LayerRig, parsed, requestText, type RequestParts } from '../testing/layer-rig.ts'
import type { Flow } from '../transport/flow.ts'
import { calleeAnswer, Callees } from './callees.ts'
import { Ids } from './ids.ts'
import type { Sending } from './sending.ts'

const ENDS = 64 * 500

/** The ACK to the 2xx of that call. */
function ackOf(callId: string): Message {
  return parsed(requestText({ method: 'ACK', callId, branch: 'z9hG4bKack' }))
}

class Rig extends LayerRig {
  readonly callees = new Callees(100)
  readonly failures: string[] = []
  nextHop: (uri: Uri) => Flow | Promise<Flow> = (uri) => this.socket.flow(uri.host, uri.port)

  /** Answers an INVITE with 200. */
  answer2xx(parts: RequestParts = {}, tag = 'ours'): void {
    const server = this.serve({ lines: ['Contact: <sip:alice@192.0.2.9:5070>'], ...parts })
    const invite = this.requestOf(server)
    const response = makeResponse(invite, 200, '', tag)
    server.respond(response)
    const services: Sending = {
      layer: this.layer,
      ids: new Ids('us'),
      nextHop: (uri) => this.nextHop(uri),
      noteSendFailure: (error) => this.failures.push(error.message),
    }
    this.callees.answered(services, { server, invite, response })
  }

  get byes(): string[] {
    return this.socket.sent
      .filter(({ wire }) => wire.startsWith('BYE '))
      .map(({ address, port }) => `${address}:${port}`)
  }
}

describe('RFC 3261 §13.3.1.4: a 2xx made here', () => {
  it('is repeated from T1 up to T2, and given up after 64 × T1', () => {
    const rig = new Rig()
    rig.answer2xx()
    rig.clock.advance(ENDS)
    expect(rig.socket.times('SIP/2.0 200')).toEqual([
      0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ])
    expect([rig.byes, rig.callees.size]).toEqual([['192.0.2.9:5070'], 0])
  })

  it('over a reliable transport too: the ACK comes end to end', () => {
    const rig = new Rig({ reliable: true })
    rig.answer2xx()
    rig.clock.advance(1_000)
    expect(rig.socket.times('SIP/2.0 200')).toEqual([0, 500])
    rig.callees.acknowledged(ackOf('call-1'))
  })

  it('is not repeated once it is acknowledged; an ACK to another call changes nothing', () => {
    const rig = new Rig()
    rig.answer2xx()
    rig.answer2xx({ branch: 'z9hG4bK2', callId: 'call-2' }, 'other')
    rig.callees.acknowledged(ackOf('call-3'))
    rig.callees.acknowledged(ackOf('call-1'))
    rig.callees.acknowledged(ackOf('call-1'))
    rig.clock.advance(500)
    expect([rig.socket.times('SIP/2.0 200').length, rig.callees.size]).toEqual([3, 1])
    rig.callees.acknowledged(ackOf('call-2'))
    rig.clock.advance(ENDS)
    expect([rig.byes, rig.timers.size, rig.layer.servers]).toEqual([[], 0, 0])
  })
})

it('RFC 3261 §8.2.2.2: the same call by another way is a merged one, until its ACK', () => {
  const rig = new Rig()
  const merged = parsed(requestText({ branch: 'z9hG4bKother' }))
  expect(rig.callees.isMerged(merged)).toBe(false)
  rig.answer2xx()
  expect(rig.callees.isMerged(merged)).toBe(true)
  expect(rig.callees.isMerged(parsed(requestText({ callId: 'call-2' })))).toBe(false)
  rig.callees.acknowledged(ackOf('call-1'))
  expect(rig.callees.isMerged(merged)).toBe(false)
})

describe('RFC 3261 §15.1.1: the BYE that ends a call without ACK', () => {
  it('waits for a name to be looked up', async () => {
    const rig = new Rig()
    const hop = Promise.resolve(rig.socket.flow('198.51.100.7', 5060))
    rig.nextHop = () => hop
    rig.answer2xx()
    rig.clock.advance(ENDS)
    await hop
    expect(rig.byes).toEqual(['198.51.100.7:5060'])
  })

  it('that cannot be sent is noted', async () => {
    const rig = new Rig()
    rig.nextHop = () => Promise.reject(new Error('unknown'))
    rig.answer2xx()
    rig.clock.advance(ENDS)
    await new Promise((resolve) => setImmediate(resolve))
    expect([rig.byes, rig.failures]).toEqual([[], ['unknown']])
  })

  it('RFC 3261 §12.2.1.1: finds a strict router named in the Request-URI, and the caller behind it', () => {
    const rig = new Rig()
    rig.answer2xx({ lines: ['Contact: <sip:alice@192.0.2.9>', 'Record-Route: <sip:192.0.2.8>, <sip:192.0.2.7;lr>'] })
    rig.clock.advance(ENDS)
    const bye = parsed(rig.socket.sent.find(({ wire }) => wire.startsWith('BYE '))!.wire)
    expect([rig.byes, bye.requestUri]).toEqual([['192.0.2.8:5060'], 'sip:192.0.2.8'])
    expect(bye.values(H.Route)).toEqual(['<sip:192.0.2.7;lr>', '<sip:alice@192.0.2.9>'])
  })

  it.each<[string, readonly string[]]>([
    ['without a Contact', []],
    ['with one that is none', ['Contact: <nonsense>']],
    ['with a Record-Route that is none', ['Contact: <sip:a@192.0.2.9>', 'Record-Route: <nonsense>']],
  ])('is not sent %s', (_, lines) => {
    const rig = new Rig()
    rig.answer2xx({ lines })
    rig.clock.advance(ENDS)
    expect([rig.byes, rig.callees.size]).toEqual([[], 0])
  })
})

it.each([
  ['BYE', 200],
  ['INVITE', 488],
  ['UPDATE', 488],
  ['INFO', 405],
  ['bye', 405],
])('RFC 3261 §12.2.2: a later %s is answered %d', (method, status) => {
  expect(calleeAnswer(parsed(requestText({ method }))).status).toBe(status)
})
