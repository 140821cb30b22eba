/** RFC 3261 §16.6 steps 1 to 9, one by one, on a request and the target it goes to. */
import { describe, expect, it } from 'vitest'
import { defaultIdentities } from '../identity/defaults.ts'
import { Identities } from '../identity/identities.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import { Uri } from '../message/uri.ts'
import { parsed, requestText, type RequestParts } from '../testing/layer-rig.ts'
import { RecordingSocket } from '../testing/recording-socket.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { forwardedRequest, nextHopOf, type Outgoing, type Target } from './forward.ts'

const out: Outgoing = {
  branchId: 'z9hG4bKbranch',
  flow: new RecordingSocket(new VirtualClock()).flow(),
  shift: 0,
}

function forward(parts: RequestParts, target: Target = {}, options: Partial<Outgoing> = {}): Message {
  return forwardedRequest(parsed(requestText(parts)), target, { ...out, ...options })
}

const odd = ['v: SIP/2.0/UDP below', 'X-Odd :\t x \r\n\tfolded', 'x-UNKNOWN:y', 'l:0']

it('RFC 3261 §16.6 step 1: what it does not have to change leaves byte by byte, in its order', () => {
  const text = requestText({ lines: odd })
  const expected = text
    .replace('Via: ', 'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKbranch;rport\r\nVia: ')
    .replace('Max-Forwards: 70', 'Max-Forwards: 69')
  expect(forward({ lines: odd }).toWire()).toBe(expected)
})

it('RFC 3261 §16.6 step 1: the request it is made from stays as it was', () => {
  const request = parsed(requestText({ lines: ['Route: <sip:strict>'] }))
  const before = request.toWire()
  forwardedRequest(request, { requestUri: Uri.from('sip:x@y') }, { ...out, recordRoute: out.flow, shift: 3 })
  expect(request.toWire()).toBe(before)
})

describe('RFC 3261 §16.6 step 2: the Request-URI', () => {
  it('is the target’s', () =>
    expect(forward({}, { requestUri: Uri.from('sip:carol@example.com;user=phone') }).requestUri).toBe(
      'sip:carol@example.com;user=phone',
    ))

  it('stays when only the next hop is given', () =>
    expect(forward({}, { nextHop: Uri.from('sip:gw.example') }).requestUri).toBe('sip:bob@example.net'))
})

it.each([
  ['70', '69'],
  ['1', '0'],
  ['255', '254'],
])('RFC 3261 §16.6 step 3: Max-Forwards %s becomes %s', (before, after) => {
  const request = parsed(requestText().replace('Max-Forwards: 70', `Max-Forwards: ${before}`))
  expect(forwardedRequest(request, {}, out).value(H.MaxForwards)).toBe(after)
})

it('RFC 3261 §16.6 step 3: without a Max-Forwards it is 70', () => {
  const request = parsed(requestText().replace('Max-Forwards: 70\r\n', ''))
  expect(forwardedRequest(request, {}, out).values(H.MaxForwards)).toEqual(['70'])
})

describe('RFC 3261 §16.6 step 4: Record-Route', () => {
  it('goes above those that are there', () =>
    expect(
      forward({ lines: ['Record-Route: <sip:other;lr>'] }, {}, { recordRoute: out.flow }).values(H.RecordRoute),
    ).toEqual(['<sip:192.0.2.1:5060;lr>', '<sip:other;lr>']))

  it('says how far the CSeq is raised, and the caller’s tag', () =>
    expect(forward({}, {}, { recordRoute: out.flow, shift: 1 }).values(H.RecordRoute)).toEqual([
      '<sip:192.0.2.1:5060;lr;cs=1;ftag=a>',
    ]))

  it('stays away when it is not wanted', () => expect(forward({}).has(H.RecordRoute)).toBe(false))
})

describe('RFC 3261 §8.1.3.5: CSeq', () => {
  it('is raised by the offset, its method kept', () =>
    expect(forward({ cseq: 7, method: 'INFO' }, {}, { shift: 2 }).value(H.CSeq)).toBe('9 INFO'))

  it('leaves as it came without one', () => expect(forward({ lines: [] }).toWire()).toContain('CSeq: 1 INVITE\r\n'))
})

describe('RFC 3261 §16.6 step 6: the next hop is a strict router', () => {
  const lines = ['Route: <sip:strict.example>, <sip:r2;lr>', 'X: y', 'Route: <sip:r3;lr>']

  it('the Request-URI goes to the end of the Routes and the first Route into its place', () => {
    const request = forward({ lines })
    expect([request.requestUri, request.values(H.Route)]).toEqual([
      'sip:strict.example',
      ['<sip:r2;lr>', '<sip:r3;lr>', '<sip:bob@example.net>'],
    ])
  })

  it('the target’s Request-URI is the one that is kept', () => {
    const request = forward({ lines: ['Route: <sip:strict.example>'] }, { requestUri: Uri.from('sip:carol@x') })
    expect([request.requestUri, request.values(H.Route)]).toEqual(['sip:strict.example', ['<sip:carol@x>']])
  })

  it.each<[string, string[], Target]>([
    ['a loose router', ['Route: <sip:loose;lr>, <sip:strict>'], {}],
    ['a loose router that writes lr=on', ['Route: <sip:loose;lr=on>'], {}],
    ['a next hop of the route’s choice', ['Route: <sip:strict>'], { nextHop: Uri.from('sip:gw') }],
    ['a Route that cannot be read', ['Route: <sip:>'], {}],
  ])('not with %s', (_, routes, target) => {
    const request = forward({ lines: routes }, target)
    expect(request.requestUri).toBe('sip:bob@example.net')
    expect(request.toWire()).toContain(`\r\n${routes[0]}\r\n`)
  })
})

describe('RFC 3261 §16.6 step 7: where it is sent', () => {
  const hop = (lines: string[], target: Target = {}): string | undefined =>
    nextHopOf(parsed(requestText({ lines })), target)?.toString()

  it.each<[string, string[], Target, string | undefined]>([
    ['the Request-URI', [], {}, 'sip:bob@example.net'],
    ['the target’s Request-URI', [], { requestUri: Uri.from('sip:c@d') }, 'sip:c@d'],
    ['the first Route before it', ['Route: <sip:r1;lr>, <sip:r2>'], { requestUri: Uri.from('sip:c@d') }, 'sip:r1;lr'],
    ['a strict Route, too', ['Route: <sip:r1>'], {}, 'sip:r1'],
    ['the next hop of the route’s choice before all', ['Route: <sip:r1;lr>'], { nextHop: Uri.from('sip:g') }, 'sip:g'],
    ['nowhere, with a Route that cannot be read', ['Route: <sip:>'], {}, undefined],
  ])('%s', (_, lines, target, expected) => expect(hop(lines, target)).toBe(expected))
})

it('RFC 3261 §16.6 step 8, RFC 3581 §3: our Via is on top, asks for rport, and names the transport', () => {
  const tcp = new RecordingSocket(new VirtualClock(), { reliable: true })
  expect(forward({}, {}, { flow: tcp.flow() }).topVia).toMatchObject({
    transport: 'TCP',
    host: '192.0.2.1',
    port: 5060,
    branch: 'z9hG4bKbranch',
    rport: '',
  })
})

describe('RFC 3261 §16.6 step 4: what a replaced From makes our Record-Route carry', () => {
  const identities = new Identities(defaultIdentities())
  const source = new RecordingSocket(new VirtualClock()).flow()

  function replaced(options: Partial<Outgoing>): Message {
    const request = parsed(requestText())
    request.replaced = { from: { uri: 'sip:anonymous@anonymous.invalid' } }
    return forwardedRequest(request, {}, { ...out, identities, ...options })
  }

  it('stands on both sides of a double one, with the caller’s tag, beside the offset of the CSeq', () => {
    const [ours, theirs] = replaced({ recordRoute: source, shift: 1 }).values(H.RecordRoute)
    const seal = /;vsf=~1[\w-]+>$/.exec(ours!)![0]
    expect(ours).toContain(';lr;cs=1;ftag=a;vsf=')
    expect(theirs).toContain(`;lr;ftag=a${seal}`)
  })

  it('is nothing where none goes in; From is replaced all the same', () => {
    const request = replaced({})
    expect(request.has(H.RecordRoute)).toBe(false)
    expect(request.address(H.From)!.uriBytes).toBe('sip:anonymous@anonymous.invalid')
  })
})
