/** What is read from the Routes of a request, where a whole call would be too much to set up. */
import { describe, expect, it } from 'vitest'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import { makeResponse } from '../message/reply.ts'
import { read } from '../message/sample.ts'
import { defaultIdentities } from './defaults.ts'
import { Identities, type IdentityEvent } from './identities.ts'

const ALICE = '"Alice" <sip:alice@wonderland.example>'

interface Parts {
  from?: string
  to?: string
  ruri?: string
  contact?: string
}

function request({
  from = `${ALICE};tag=a`,
  to = '<sip:bob@b.example>',
  ruri = 'sip:bob@b.example',
  contact,
}: Parts = {}): Message {
  const message = read(
    [
      `INFO ${ruri} SIP/2.0`,
      'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
      'Max-Forwards: 70',
      `From: ${from}`,
      `To: ${to}`,
      'Call-ID: call',
      'CSeq: 1 INFO',
      `Contact: ${contact ?? '<sip:alice@192.0.2.1>'}`,
      'Content-Length: 0',
      '\r\n',
    ].join('\r\n'),
  )
  message.source = { transport: 'udp', address: '192.0.2.9', port: 40_000 }
  return message
}

function setUp() {
  const events: IdentityEvent[] = []
  const identities = new Identities(defaultIdentities(), (event) => events.push(event))
  /** The Route of a request that left so. */
  const route = (uri: string, left = request()): string => {
    left.replaced = { from: { display: '', uri } }
    const carried = identities.leave(left, true)!
    return `sip:us;lr;ftag=${carried.callerTag}${carried.params}`
  }
  const arrived = (message: Message, routes: readonly string[]): string | undefined => {
    identities.arrived(message, routes)
    identities.leave(message, false)
    return message.value(message.fromTag === 'a' ? H.From : H.To)
  }
  return { identities, events, route, arrived }
}

const upstream = (ruri = 'sip:alice@192.0.2.1'): Message =>
  request({ from: '<sip:bob@b.example>;tag=b', to: '<sip:x@y>;tag=a', ruri })

describe('the way back', () => {
  it.each(['sip:alice@192.0.2.1', 'sip:else@192.0.2.1:5060', 'sip:alice@192.0.2.9:40000'])(
    '%s is the caller',
    (ruri) => {
      const { arrived, route } = setUp()
      expect(arrived(upstream(ruri), [route('sip:anon@x')])).toBe(`${ALICE};tag=a`)
    },
  )

  it.each(['sip:alice@192.0.2.2', 'sip:alice@192.0.2.1:5070', 'sip:alice@192.0.2.9', 'tel:1'])('%s is not', (ruri) => {
    const { arrived, route, events } = setUp()
    expect(arrived(upstream(ruri), [route('sip:anon@x')])).toBe('<sip:x@y>;tag=a')
    expect(events).toEqual(['identity_astray'])
  })

  it('who record-routed before us is, and the Contact is then not the next hop', () => {
    const { arrived, route } = setUp()
    const left = request({ contact: '<sip:alice@10.0.0.1>' })
    left.prependValue(H.RecordRoute, '<sip:edge.example;lr>')
    const seal = route('sip:anon@x', left)
    const along = upstream('sip:alice@10.0.0.1')
    along.prependValue(H.Route, '<sip:edge.example;lr>')
    expect(arrived(along, [seal])).toBe(`${ALICE};tag=a`)
    expect(arrived(upstream('sip:alice@10.0.0.1'), [seal])).toBe('<sip:x@y>;tag=a')
  })
})

describe('several Routes of ours', () => {
  it('after two passes the outermost values count, in each direction', () => {
    const { arrived, route } = setUp()
    const first = route('sip:anon1@x')
    const second = route('sip:anon2@x', request({ from: '<sip:anon1@x>;tag=a' }))
    expect(arrived(request({ to: '<sip:bob@b.example>;tag=b' }), [first, second])).toBe('<sip:anon2@x>;tag=a')
    expect(arrived(upstream(), [second, first])).toBe(`${ALICE};tag=a`)
  })
})

describe('what is not looked at', () => {
  it('a request outside a dialog', () => {
    const { identities, route, events } = setUp()
    const message = request()
    identities.arrived(message, [route('sip:anon@x')])
    expect([message.replaced, events]).toEqual([undefined, []])
  })

  it('a Route without a parameter of ours', () => {
    const { identities, events } = setUp()
    const message = upstream()
    identities.arrived(message, ['sip:us;lr;cs=1;ftag=a'])
    expect([message.replaced, events]).toEqual([undefined, []])
  })
})

it('a caller without a tag is restored downstream', () => {
  const { arrived, route } = setUp()
  const old = request({ from: ALICE })
  const seal = route('sip:anon@x', old)
  const message = request({ from: ALICE, to: '<sip:bob@b.example>;tag=b' })
  arrived(message, [seal])
  expect(message.value(H.From)).toBe('<sip:anon@x>')
})

it('Kamailio’s form: a request whose From has no tag is the caller’s', () => {
  const { identities } = setUp()
  const message = request({ from: '<sip:alice@example.com>', to: '<sip:bob@b.example>;tag=b' })
  identities.arrived(message, ['sip:us;lr;ftag=a;vsf=AAAAABMDCwoLAAIXFQURAUtBEQht'])
  identities.leave(message, false)
  expect(message.value(H.From)).toBe('<sip:robin@gotham.org>')
  expect(message.value(H.To)).toBe('<sip:bob@b.example>;tag=b')
})

it('a reply brings From back to the byte, whatever the callee made of it', () => {
  const { identities } = setUp()
  const [received, left] = [request({ from: '"Alice"\r\n <sip:alice@wonderland.example>;tag=a ;x=1' }), request()]
  left.replaced = { from: { uri: 'sip:anon@x' } }
  const response = makeResponse(left, 200, '', 'b')
  response.put(H.From, '<sip:anon@x:5060>;tag=a')
  identities.restoration(received, left)!.apply(response)
  expect(response.value(H.From)).toBe(received.value(H.From))
})
