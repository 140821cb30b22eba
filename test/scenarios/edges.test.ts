/** The edges of RFC 3261 §16: what is refused before a route sees it, loops and spirals, breadth, Routes, schemes, and who may be sent through. */
import { answer, reject, simulate, type Behaviour } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { RawPeer, type RawRequest } from './raw-peer.ts'
import { branch, CARRIER, header, logged, PHONE, PROXY, requestUri, SECOND, sentTo, THIRD } from './wire.ts'

const PLACES = [CARRIER, SECOND, THIRD]

async function network(...behaviours: Behaviour[]) {
  const net = await simulate({ routes: 'test/scenarios/routes/edges.ts' })
  PLACES.forEach((place, i) => net.uas(place, behaviours[i] ?? answer()))
  const peer = new RawPeer(net)
  const sent = (method: string): number[] => PLACES.map((place) => sentTo(net, place, `${method} `).length)
  return { net, peer, phone: net.uac(PHONE), sent }
}

const dial = (user: string): string => `sip:${user}@127.0.0.1:5080`

describe('RFC 3261 §16.3: refused before any route sees it', () => {
  test.each<[string, RawRequest, string, RegExp?]>([
    ['step 2: a scheme that is not known: 416', { ruri: 'http://example.com' }, '416'],
    ['step 3: Max-Forwards 0: 483', { maxForwards: 0 }, '483'],
    [
      'step 3: OPTIONS at Max-Forwards 0: 200, as §11 has it',
      { method: 'OPTIONS', maxForwards: 0 },
      '200',
      /^Accept: application\/sdp$/m,
    ],
    [
      'step 5: Proxy-Require: 420, and each option tag',
      { lines: ['Proxy-Require: foo, bar', 'Proxy-Require: baz'] },
      '420',
      /^Unsupported: foo, bar, baz$/m,
    ],
    ['step 1: header components in the Request-URI: 400', { ruri: 'sip:one@127.0.0.1:5080?Subject=x' }, '400'],
  ])('%s', async (_, request, status, line) => {
    const { net, peer, sent } = await network()
    await peer.send({ ruri: dial('one'), ...request })
    expect(peer.summary).toEqual([status])
    if (line !== undefined) expect(peer.received[0]!.replaceAll('\r', '')).toMatch(line)
    expect(header(peer.received[0]!, 'To')).toMatch(/;tag=/)
    expect([sent('INVITE'), net.log]).toEqual([[0, 0, 0], []])
  })

  test('step 3: Max-Forwards is counted down, and one that is missing begins at 70', async () => {
    const { net, peer } = await network()
    await peer.send({ method: 'OPTIONS', ruri: dial('one'), maxForwards: 1 })
    await peer.send(
      peer.request({ method: 'OPTIONS', ruri: dial('one'), branch: 'z9hG4bK2' }).replace('Max-Forwards: 1\r\n', ''),
    )
    await peer.send(
      peer.request({ method: 'OPTIONS', ruri: dial('one'), branch: 'z9hG4bK3' }).replace(/Max-Forwards: \d+\r\n/, ''),
    )
    expect(sentTo(net, CARRIER, 'OPTIONS ').map((wire) => header(wire, 'Max-Forwards'))).toEqual(['0', '69', '70'])
  })
})

describe('RFC 3261 §16.3 step 4, RFC 5393 §4.2: a loop', () => {
  test('is answered 482, which is the answer to the caller', async () => {
    const { net, phone } = await network()
    const call = await phone.invite(dial('loops'))
    expect(call).toBeAnsweredWith(482)
    expect(sentTo(net, PROXY, 'INVITE ')).toHaveLength(2)
  })

  test('RFC 5393 §4.1: of a fork costs one more request for each branch, not two to the seventieth', async () => {
    const { net, phone } = await network()
    expect(await phone.invite(dial('loops-twice'))).toBeAnsweredWith(482)
    expect(sentTo(net, PROXY, 'INVITE ')).toHaveLength(3)
  })

  test('is seen by other methods too', async () => {
    const { phone } = await network()
    expect((await phone.send('MESSAGE', dial('loops'))).statuses).toEqual([482])
  })

  test('RFC 5393 §4.2: a spiral, with another Request-URI, goes through', async () => {
    const { net, phone, sent } = await network()
    const call = await phone.invite(dial('spirals'))
    expect(call.statuses).toEqual([100, 180, 200])
    expect(sent('INVITE')).toEqual([1, 0, 0])
    const vias = sentTo(net, CARRIER, 'INVITE ')[0]!.match(/^Via:.*$/gm)!
    expect(vias).toHaveLength(3)
    expect((await call.bye()).status).toBe(200)
    expect(sent('BYE')).toEqual([1, 0, 0])
  })

  test('RFC 3261 §16.10: a CANCEL follows the spiral', async () => {
    const { net, phone, sent } = await network((incoming) => incoming.answer(180))
    const call = phone.dial(dial('spirals'))
    await net.advance('1s')
    call.cancel()
    await net.until(call.answered)
    expect(call).toBeAnsweredWith(487)
    expect(sent('CANCEL')).toEqual([1, 0, 0])
  })

  test('RFC 3261 §8.2.2.2: the same request by another way is no loop: both copies are routed', async () => {
    const { peer, sent } = await network()
    await peer.send({ ruri: dial('one') })
    await peer.send({ ruri: dial('one'), branch: 'z9hG4bKother' })
    expect(sent('INVITE')).toEqual([2, 0, 0])
  })
})

describe('RFC 3261 §16.6 step 5, RFC 5393 §5.3: Max-Breadth', () => {
  const breadths = (net: Awaited<ReturnType<typeof network>>['net']): (string | undefined)[] =>
    PLACES.flatMap((place) => sentTo(net, place, 'OPTIONS ')).map((wire) => header(wire, 'Max-Breadth'))

  const options = (user: string, breadth?: string): RawRequest => ({
    method: 'OPTIONS',
    ruri: dial(user),
    lines: breadth === undefined ? [] : [`Max-Breadth: ${breadth}`],
  })

  test.each<[string, string, string | undefined, (string | undefined)[]]>([
    ['one target: passed on as it came', 'one', '5', ['5']],
    ['one target, none given: none written', 'one', undefined, [undefined]],
    ['a fork shares what it has', 'all', '7', ['2', '2', '2']],
    ['a fork shares the default of 60', 'all', undefined, ['20', '20', '20']],
    ['just enough', 'all', '3', ['1', '1', '1']],
    ['what is no number counts as none', 'all', 'many', ['20', '20', '20']],
    ['RFC 5393 §5.3.3: a list has one branch at a time, each with all of it', 'list', '2', ['2', '2', '2']],
  ])('%s', async (_, user, breadth, shares) => {
    const { net, peer } = await network(...Array<Behaviour>(3).fill(reject(486)))
    await peer.send(options(user, breadth))
    expect(breadths(net)).toEqual(shares)
    expect(peer.summary).toEqual(['486'])
  })

  test.each([
    ['all', '2'],
    ['all', '0'],
    ['one', '0'],
  ])('RFC 5393 §6: too little for %s, %s: 440, and nothing is sent', async (user, breadth) => {
    const { peer, sent } = await network()
    await peer.send(options(user, breadth))
    expect(peer.received[0]).toMatch(/^SIP\/2\.0 440 Max-Breadth Exceeded\r\n/)
    expect(sent('OPTIONS')).toEqual([0, 0, 0])
  })

  test('RFC 5393 §5.3.3: what takes a failed branch’s place has its share', async () => {
    const { net, peer } = await network(reject(480), reject(486))
    await peer.send(options('again', '4'))
    expect(breadths(net)).toEqual(['2', '2', '2'])
  })
})

describe('RFC 3261 §16.5: Request-URIs', () => {
  test('a tel: URI goes to the gateway that the route names, as it is', async () => {
    const { net, phone } = await network()
    const call = await phone.invite('tel:+49301234', { headers: { 'X-Gateway': 'yes' } })
    expect(call).toBeAnsweredWith(200)
    expect(requestUri(sentTo(net, CARRIER, 'INVITE ')[0]!)).toBe('tel:+49301234')
    await phone.invite(dial('to-a-number'))
    expect(requestUri(sentTo(net, CARRIER, 'INVITE ')[1]!)).toBe('tel:+4930')
  })

  test.each(['tel:+49301234', 'sips:somebody@127.0.0.1:5090', 'sip:somebody@127.0.0.1:5090;transport=tcp'])(
    'RFC 3261 §16.9: there is no way to send to %s: 500, and the log says so',
    async (uri) => {
      const { net, phone, sent } = await network()
      const call = await phone.invite(uri)
      expect(call.final!.toWire().split('\r\n', 1)).toEqual(['SIP/2.0 500 Next Hop Unreachable'])
      expect(sent('INVITE')).toEqual([0, 0, 0])
      expect(logged(net, 'warn')).toEqual([expect.stringMatching(/^could not send: .*(tel|sips|transport tcp)/)])
    },
  )

  test('RFC 3261 §16.5: of another place: the request goes there', async () => {
    const { net, phone } = await network()
    expect(await phone.invite(`sip:somebody@${SECOND}`)).toBeAnsweredWith(200)
    expect(requestUri(sentTo(net, SECOND, 'INVITE ')[0]!)).toBe(`sip:somebody@${SECOND}`)
  })

  test('RFC 3261 §16.5: a maddr says where to send, and stays', async () => {
    const { net, phone } = await network()
    const uri = 'sip:somebody@elsewhere.example:5091;maddr=127.0.0.1'
    expect(await phone.invite(uri)).toBeAnsweredWith(200)
    expect(requestUri(sentTo(net, SECOND, 'INVITE ')[0]!)).toBe(uri)
  })

  test('RFC 3261 §16.4: a maddr of ours has done its work: it goes, and port and transport with it', async () => {
    const { net, phone } = await network()
    net.names.set('elsewhere.example', '127.0.0.9')
    const there = new RawPeer(net, '127.0.0.9:5060')
    const call = phone.dial('sip:somebody@elsewhere.example:5080;maddr=127.0.0.1;transport=udp;x=y')
    await net.advance(0)
    expect(requestUri(there.received[0]!)).toBe('sip:somebody@elsewhere.example;x=y')
    await net.until(call.answered)
    expect(call).toBeAnsweredWith(408)
  })

  test('RFC 3261 §16.6: a method that nobody knows is sent on like any other', async () => {
    const { net, phone } = await network()
    expect((await phone.send('FROBNICATE', dial('one'))).statuses).toEqual([200])
    expect(header(sentTo(net, CARRIER, 'FROBNICATE ')[0]!, 'CSeq')).toBe('1 FROBNICATE')
  })
})

describe('RFC 3261 §16.4: Routes that the caller brings', () => {
  test('ours comes off, the next one is followed', async () => {
    const { net, phone } = await network()
    const Route = `<sip:${PROXY};lr>, <sip:${SECOND};lr>`
    expect(await phone.invite('sip:somebody@nowhere.example', { headers: { Route } })).toBeAnsweredWith(200)
    const invite = sentTo(net, SECOND, 'INVITE ')[0]!
    expect([requestUri(invite), header(invite, 'Route')]).toEqual([
      'sip:somebody@nowhere.example',
      `<sip:${SECOND};lr>`,
    ])
  })

  test('RFC 3261 §16.6 step 6: a strict router gets itself in the Request-URI, and the target last in Route', async () => {
    const { net, phone } = await network()
    const Route = `<sip:${PROXY};lr>, <sip:${SECOND}>`
    expect(await phone.invite('sip:somebody@nowhere.example', { headers: { Route } })).toBeAnsweredWith(200)
    const invite = sentTo(net, SECOND, 'INVITE ')[0]!
    expect([requestUri(invite), header(invite, 'Route')]).toEqual([`sip:${SECOND}`, '<sip:somebody@nowhere.example>'])
  })

  test('from a strict router: our own URI gives way to the last Route', async () => {
    const { net, phone } = await network()
    const Route = `<sip:${SECOND};lr>, <sip:somebody@nowhere.example>`
    expect(await phone.invite(`sip:${PROXY};lr`, { headers: { Route } })).toBeAnsweredWith(200)
    const invite = sentTo(net, SECOND, 'INVITE ')[0]!
    expect([requestUri(invite), header(invite, 'Route')]).toEqual([
      'sip:somebody@nowhere.example',
      `<sip:${SECOND};lr>`,
    ])
  })

  test('RFC 3261 §16.6 step 7: a next hop that the route names comes before them', async () => {
    const { net, phone } = await network()
    const headers = { Route: `<sip:${PROXY};lr>, <sip:${SECOND};lr>` }
    expect(await phone.invite(dial('one'), { headers })).toBeAnsweredWith(200)
    expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(1)
    expect(sentTo(net, SECOND, '')).toEqual([])
  })
})

describe('RFC 3261 §16.12: a To tag is no ticket', () => {
  test.each(['BYE', 'INVITE', 'INFO'])(
    '%s without a Route of ours is 481, though a route relays it',
    async (method) => {
      const { peer, sent } = await network()
      await peer.send({ method, ruri: `sip:victim@${CARRIER}`, to: 'made-up' })
      expect(peer.summary.at(-1)).toBe('481')
      expect(sent(method)).toEqual([0, 0, 0])
    },
  )

  test('nor with a Route of somebody else', async () => {
    const { peer, sent } = await network()
    await peer.send({
      method: 'BYE',
      ruri: `sip:victim@${CARRIER}`,
      to: 'made-up',
      lines: [`Route: <sip:${SECOND};lr>`],
    })
    expect([peer.summary, sent('BYE')]).toEqual([['481'], [0, 0, 0]])
  })

  test('with a Route of ours it is a dialog, and goes through', async () => {
    const { phone, sent } = await network()
    const call = await phone.invite(dial('one'))
    expect((await call.bye()).status).toBe(200)
    expect(sent('BYE')).toEqual([1, 0, 0])
  })

  test('RFC 3261 §16.11: an ACK without one is dropped', async () => {
    const { net, peer, sent } = await network()
    await peer.send({ method: 'ACK', ruri: `sip:victim@${CARRIER}`, to: 'made-up' })
    expect([peer.summary, sent('ACK')]).toEqual([[], [0, 0, 0]])
    expect(net.stack.counters.proxy.get('stray_ack')).toBe(1)
  })

  test('RFC 3261 §16.11: an ACK that comes again, to the byte, goes on to the byte', async () => {
    const { net, peer } = await network()
    const ack = { method: 'ACK', ruri: `sip:bob@${CARRIER}`, to: 'b', lines: ['Route: <sip:127.0.0.1:5080;lr>'] }
    for (const branch of ['z9hG4bK1', 'z9hG4bK2', 'z9hG4bK1']) await peer.send({ ...ack, branch })
    const [first, other, again] = sentTo(net, CARRIER, 'ACK ')
    expect(again).toBe(first)
    expect(other).not.toBe(first)
  })
})

describe('RFC 3581: rport', () => {
  test('RFC 3581 §4: the answer goes where the request came from, and says so', async () => {
    const { net, peer } = await network()
    const nat = new RawPeer(net, '127.0.0.7:40000')
    const request = nat.request({ method: 'OPTIONS', ruri: dial('one') })
    await nat.send(request.replace(/Via:.*/, 'Via: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKnat'))
    expect(header(nat.last(200), 'Via')).toBe(
      'SIP/2.0/UDP 10.0.0.1:5060;rport=40000;branch=z9hG4bKnat;received=127.0.0.7',
    )
    expect(peer.summary).toEqual([])
  })

  test('RFC 3261 §18.2.2: without it, to the port of the Via', async () => {
    const { net } = await network()
    const nat = new RawPeer(net, '127.0.0.7:40000')
    const listening = new RawPeer(net, '127.0.0.7:5070')
    const request = nat.request({ method: 'OPTIONS', ruri: dial('one') })
    await nat.send(request.replace(/Via:.*/, 'Via: SIP/2.0/UDP 10.0.0.1:5070;branch=z9hG4bKnat'))
    expect([nat.summary, listening.summary]).toEqual([[], ['200']])
    expect(header(listening.last(200), 'Via')).toContain(';received=127.0.0.7')
  })

  test('RFC 3581 §3: our own requests ask for it', async () => {
    const { net, phone } = await network()
    await phone.send('OPTIONS', dial('one'))
    expect(header(sentTo(net, CARRIER, 'OPTIONS ')[0]!, 'Via')).toMatch(/;rport$/)
  })
})

describe('RFC 6026: strays', () => {
  test('RFC 3261 §16.7 step 1, RFC 6026 §7.3: a 2xx of a transaction that is gone is dropped', async () => {
    const { net, phone } = await network()
    const call = await phone.invite(dial('one'))
    const invite = sentTo(net, CARRIER, 'INVITE ')[0]!
    const ok = net.network.sent.find(({ from, wire }) => from === CARRIER && wire.startsWith('SIP/2.0 200'))!.wire
    await net.advance('40s')
    expect(branch(ok)).toBe(branch(invite))
    const before = call.statuses.length
    const carrier = new RawPeer(net, '127.0.0.8:5090')
    await carrier.send(ok)
    await net.advance('1s')
    expect(call.statuses).toHaveLength(before)
    expect(net.stack.counters.proxy.get('stray_response')).toBe(1)
  })
})
