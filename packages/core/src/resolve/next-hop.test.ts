/** From a URI to a flow. */
import { describe, expect, it } from 'vitest'
import { Uri } from '../message/uri.ts'
import type { Flow } from '../transport/flow.ts'
import { RouteAddresses } from '../transport/route-addresses.ts'
import { makeNextHop, type Outlet } from './next-hop.ts'

function outlet(address: string, routes?: RouteAddresses): Outlet {
  return {
    transport: 'udp',
    reliable: false,
    address,
    port: 5060,
    routes,
    sentBy: () => address,
    send: () => undefined,
  }
}

function flowOn(local: Outlet): Flow {
  return { transport: 'udp', address: '192.0.2.200', port: 5060, local }
}

const [first, second, six] = [outlet('192.0.2.1'), outlet('192.0.2.2'), outlet('2001:db8::1')]

function hop(
  uri: string,
  from: Outlet = first,
  sockets: readonly Outlet[] = [first, second, six],
): Flow | Promise<Flow> {
  return makeNextHop(sockets)(Uri.from(uri), flowOn(from))
}

describe('RFC 3261 §16.6 step 7: a literal address is answered at once', () => {
  it.each([
    ['sip:192.0.2.9', '192.0.2.9', 5060],
    ['sip:bob@192.0.2.9:5070;user=phone', '192.0.2.9', 5070],
    ['sip:192.0.2.9;transport=UDP', '192.0.2.9', 5060],
    ['sip:[2001:db8::9]:5070', '2001:db8::9', 5070],
    ['sip:example.net:5070;maddr=192.0.2.9', '192.0.2.9', 5070],
  ])('%s', (uri, address, port) => expect(hop(uri)).toMatchObject({ transport: 'udp', address, port }))
})

describe('which socket', () => {
  it.each<[string, string, Outlet, Outlet]>([
    ['the one that the request came in on', 'sip:192.0.2.9', second, second],
    ['one of the peer’s family', 'sip:[2001:db8::9]', first, six],
    ['the first of the peer’s family', 'sip:192.0.2.9', six, first],
  ])('%s', (_, uri, from, expected) => expect((hop(uri, from) as Flow).local).toBe(expected))

  it.each([
    ['the first that reaches the peer', 'sip:192.0.2.9', [outlet('127.0.0.1'), first, second], 1],
    ['the one on loopback for a peer there', 'sip:127.0.0.1:5070', [first, outlet('127.0.0.1')], 1],
    ['one of the peer’s family', 'sip:[2001:db8::9]', [first, six], 1],
  ])('for a request of our own: %s', (_, uri, sockets, chosen) => {
    expect((makeNextHop(sockets)(Uri.from(uri), undefined) as Flow).local).toBe(sockets[chosen])
  })

  it('that is asked for and no other', async () => {
    const nextHop = makeNextHop([first, second])
    expect((nextHop(Uri.from('sip:192.0.2.9'), undefined, second) as Flow).local).toBe(second)
    await expect(nextHop(Uri.from('sip:[2001:db8::9]'), undefined, second)).rejects.toThrow('no socket of ours reaches')
  })

  it('none of the family: rejected', async () =>
    expect(hop('sip:[2001:db8::9]', first, [first])).rejects.toThrow('no socket of ours reaches 2001:db8::9'))
})

describe('a socket bound to all addresses', () => {
  it('learns the route to a new peer first, and knows it then', async () => {
    const any = outlet('0.0.0.0', new RouteAddresses())
    const learning = hop('sip:127.0.0.1:5070', any, [any])
    expect(learning).toBeInstanceOf(Promise)
    expect(await learning).toMatchObject({ address: '127.0.0.1', local: any })
    expect(hop('sip:127.0.0.1:5070', any, [any])).not.toBeInstanceOf(Promise)
    const own = makeNextHop([any])(Uri.from('sip:127.0.0.2'), undefined)
    expect(own).toBeInstanceOf(Promise)
    expect(await own).toMatchObject({ address: '127.0.0.2', local: any })
  })
})

describe('a name', () => {
  it('is looked up', async () => {
    const flow = await hop('sip:localhost:5070', first, [outlet('127.0.0.1'), outlet('::1')])
    expect(['127.0.0.1', '::1']).toContain(flow.address)
    expect(flow.port).toBe(5070)
  })

  it('RFC 2606 §2: that nobody has is rejected', async () => {
    await expect(hop('sip:no-such-host.invalid')).rejects.toThrow(/ENOTFOUND|EAI_AGAIN/)
  })
})

describe('what cannot be sent to is rejected, with the reason', () => {
  it.each([
    ['sips:192.0.2.9', 'no way to send to a sips: URI: sips:192.0.2.9'],
    ['tel:+4930', 'no way to send to a tel: URI: tel:+4930'],
    ['sip:192.0.2.9;transport=tcp', 'transport tcp is not available: sip:192.0.2.9;transport=tcp'],
    ['sip:192.0.2.9;transport=carrier-pigeon', 'transport carrier-pigeon is not available'],
  ])('%s', async (uri, reason) => {
    await expect(hop(uri)).rejects.toThrow(reason)
  })
})
