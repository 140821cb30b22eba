/** Our own Routes come off, strict routers are undone, and nobody else's Route is touched. */
import { describe, expect, it } from 'vitest'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import { parsed, requestText, type RequestParts } from '../testing/layer-rig.ts'
import { OwnAddresses } from './own-addresses.ts'
import { takeOwnRoutes, type RouteInformation } from './route-information.ts'

const own = new OwnAddresses([{ host: '192.0.2.1', port: 5060 }], ['proxy.example.com'])

function take(routes: readonly string[], parts: RequestParts = {}): { found: RouteInformation; request: Message } {
  const request = parsed(requestText({ lines: routes.map((route) => `Route: ${route}`), ...parts }))
  return { found: takeOwnRoutes(request, own), request }
}

const foreign = '<sip:198.51.100.7;lr>'

describe('RFC 3261 §16.4: a Route of ours comes off', () => {
  it.each<[string, string[], string[]]>([
    ['the only one', ['<sip:192.0.2.1;lr>'], []],
    ['the first of a field', [`<sip:192.0.2.1;lr>, ${foreign}`], [foreign]],
    ['the first field', ['<sip:192.0.2.1:5060;lr>', foreign], [foreign]],
    [
      'several: one for each socket, or a request that came back',
      ['<sip:192.0.2.1;lr>,<sip:proxy.example.com;lr>', '<sip:192.0.2.1;lr>', foreign],
      [foreign],
    ],
    ['a preloaded one, without anything else', ['<sip:proxy.example.com:5080;lr>'], []],
    ['one with a name and parameters', ['"us, really" <sip:192.0.2.1;lr;cs=1>;x=y', foreign], [foreign]],
  ])('%s', (_, routes, left) => {
    const { found, request } = take(routes)
    expect([found.ours, request.values(H.Route)]).toEqual([true, left])
    expect(request.requestUri).toBe('sip:bob@example.net')
  })
})

describe('RFC 3261 §16.4: Routes of others stay, to the byte', () => {
  it.each([
    ['a foreign one on top', [`${foreign} , <sip:192.0.2.1;lr>`]],
    ['our host on another port', ['<sip:192.0.2.1:5062;lr>']],
    ['what is no address', ['nonsense <', '<sip:192.0.2.1;lr>']],
    ['what is no URI', ['<sip:>', '<sip:192.0.2.1;lr>']],
    ['an empty list', [',']],
  ])('%s', (_, routes) => {
    const before = parsed(requestText({ lines: routes.map((route) => `Route: ${route}`) })).toWire()
    const { found, request } = take(routes)
    expect(found).toMatchObject({ ours: false, shift: 0 })
    expect(request.toWire()).toBe(before)
  })

  it('no Route at all', () => expect(take([]).found).toMatchObject({ ours: false, shift: 0 }))
})

describe('RFC 3261 §16.4: behind a strict router', () => {
  const ours = 'sip:192.0.2.1;lr'

  it('the last Route is the Request-URI again', () => {
    const { found, request } = take([foreign, '<sip:bob@192.0.2.50>'], { ruri: ours })
    expect([found.ours, request.requestUri, request.values(H.Route)]).toEqual([true, 'sip:bob@192.0.2.50', [foreign]])
  })

  it('the offset stood in the Request-URI', () => {
    const { found } = take(['<sip:bob@192.0.2.50>'], { ruri: `${ours};cs=1;ftag=a` })
    expect(found).toMatchObject({ ours: true, shift: 1 })
  })

  it('Routes keep their order, and ours among them come off too', () => {
    const { request } = take([`<${ours}>, <sip:r1;lr>`, '<sip:r2;lr>, <sip:bob@192.0.2.50>'], { ruri: ours })
    expect([request.requestUri, request.values(H.Route)]).toEqual([
      'sip:bob@192.0.2.50',
      ['<sip:r1;lr>', '<sip:r2;lr>'],
    ])
  })

  it.each<[string, string[], string]>([
    ['without a Route there is nothing to undo', [], ours],
    ['with a last Route that is no URI neither', ['<nonsense>'], ours],
    ['a Request-URI without lr is somebody at our address', [foreign], 'sip:bob@192.0.2.1'],
    ['nor is one that names a user: no Record-Route of ours does', [foreign], 'sip:bob@192.0.2.1;lr'],
    ['a Request-URI of another is not ours to undo', [foreign], 'sip:192.0.2.77;lr'],
  ])('%s', (_, routes, ruri) => {
    const { request } = take(routes, { ruri })
    expect([request.requestUri, request.values(H.Route)]).toEqual([ruri, routes])
  })
})

describe('the CSeq offset that a dialog is owed', () => {
  const route = '<sip:192.0.2.1;lr;cs=1;ftag=a>'

  it('counts for requests from the caller’s side', () => expect(take([route]).found.shift).toBe(1))

  it('does not for those from the callee’s', () =>
    expect(take([route], { from: '<sip:bob@example.net>;tag=b' }).found).toMatchObject({ ours: true, shift: 0 }))

  it('is read from whichever of our Routes has it', () => {
    expect(take(['<sip:192.0.2.1;lr>', route]).found.shift).toBe(1)
    expect(take([route, '<sip:192.0.2.1;lr>']).found.shift).toBe(1)
  })

  it('is the sum of what each pass of a spiral raised', () => {
    expect(take([route, '<sip:192.0.2.1;lr;cs=2;ftag=a>']).found.shift).toBe(3)
    expect(take([route, '<sip:192.0.2.1;lr;cs=1;ftag=a;vsf=x>']).found.shift).toBe(2)
  })

  it('is not taken from a Route of another', () => expect(take(['<sip:x;lr;cs=5;ftag=a>']).found.shift).toBe(0))
})

describe('RFC 3261 §16.4: a maddr of ours goes, with the port and transport that were ours', () => {
  it.each([
    ['sip:bob@example.net;maddr=192.0.2.1', 'sip:bob@example.net'],
    ['sip:bob@example.net:5060;maddr=192.0.2.1;transport=udp;x=y', 'sip:bob@example.net;x=y'],
    ['sip:bob@example.net:7000;maddr=proxy.example.com', 'sip:bob@example.net'],
    ['sip:bob@example.net:5062;maddr=192.0.2.1', 'sip:bob@example.net:5062;maddr=192.0.2.1'],
    ['sip:bob@example.net;maddr=192.0.2.2', 'sip:bob@example.net;maddr=192.0.2.2'],
  ])('%s → %s', (ruri, left) => expect(take([], { ruri }).request.requestUri).toBe(left))

  it('also where a strict router had put ours in its place', () => {
    const routes = ['<sip:bob@example.net;maddr=192.0.2.1>']
    expect(take(routes, { ruri: 'sip:192.0.2.1;lr' }).request.requestUri).toBe('sip:bob@example.net')
  })
})
