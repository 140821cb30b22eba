/** What stands in a Request-URI, and who is in the target set (RFC 3261 §16.5 and §16.6 step 2). */
import { reject, simulate, type Simulation } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { Registrant } from './phones.ts'
import { RawPeer } from './raw-peer.ts'
import { CARRIER, PHONE, requestUri, SECOND, sentTo } from './wire.ts'

const EVIL = 'sip:x@127.0.0.1:5090;method=BYE;keep=1?Subject=evil&Route=%3Csip:z%3E'
const GOOD = 'sip:x@127.0.0.1:5090;keep=1'

async function network(contact = EVIL) {
  const net = await simulate({ routes: 'test/scenarios/routes/targets.ts' })
  net.uas(CARRIER, reject(486))
  net.uas(SECOND, (incoming) => incoming.answer(302, { Contact: `<${contact}>` }))
  return { net, phone: net.uac(PHONE) }
}

const dial = (user: string): string => `sip:${user}@127.0.0.1:5080`

const uris = (net: Simulation, to: string): (string | undefined)[] => sentTo(net, to, 'INVITE ').map(requestUri)

describe('RFC 3261 §16.6 step 2: a Request-URI has no method and no header components (§19.1.1)', () => {
  test.each(['relay', 'fork', 'set', 'branch', 'follow'])('%s', async (user) => {
    const { net, phone } = await network()
    await phone.invite(dial(user))
    expect(uris(net, CARRIER)).toEqual([GOOD])
  })

  test('as it was dialled', async () => {
    const { net, phone } = await network()
    await phone.invite('sip:asDialled@127.0.0.1:5080;a=1;Method=BYE;%6dethod=x;b')
    expect(uris(net, CARRIER)).toEqual(['sip:asDialled@127.0.0.1:5080;a=1;b'])
  })

  test('a strict router’s', async () => {
    const { net } = await network()
    const peer = new RawPeer(net)
    await peer.send({ ruri: 'sip:x@y', to: 'b', lines: ['Route: <sip:127.0.0.1:5080;lr>', `Route: <${EVIL}>`] })
    expect(uris(net, CARRIER)).toEqual([GOOD])
  })

  test('a caller’s, who gets a BYE since nobody acknowledged what was answered here', async () => {
    const { net } = await network()
    const peer = new RawPeer(net)
    await peer.send(peer.request({ ruri: dial('answers') }).replace(/Contact: .*/, `Contact: <${EVIL}>`))
    await net.advance('40s')
    expect(sentTo(net, CARRIER, 'BYE ').map(requestUri)).toEqual([GOOD])
  })

  test('a callee’s, who answered a call of our own', async () => {
    const net = await simulate({ routes: 'test/scenarios/routes/targets.ts' })
    const callee = new RawPeer(net, CARRIER)
    const peer = new RawPeer(net)
    await peer.send({ method: 'OPTIONS', ruri: dial('calls') })
    const [invite] = callee.received
    const ok = invite!.replace(/.*\r\n/, 'SIP/2.0 200 OK\r\n').replace(/^To: .*/m, '$&;tag=b')
    await callee.send(ok.replace(/Contact: .*/, `Contact: <${EVIL}>`))
    expect(callee.received.map(requestUri)).toEqual(['sip:127.0.0.1:5090', GOOD])
    expect(callee.summary).toEqual(['INVITE', 'ACK'])
  })

  test('of a number it says nothing', async () => {
    const { net, phone } = await network()
    await phone.invite(dial('number'))
    expect(uris(net, CARRIER)).toEqual(['tel:+49301;method=x'])
  })
})

describe('RFC 3261 §16.5: who is in the target set already is not added again', () => {
  test.each<[string, number, number]>([
    ['twice', 1, 1],
    ['stripped', 1, 0],
    ['hops', 1, 1],
    ['list', 1, 1],
    ['apart', 1, 2],
  ])('%s', async (user, first, second) => {
    const { net, phone } = await network()
    expect((await phone.invite(dial(user))).status).toBeGreaterThanOrEqual(300)
    expect([uris(net, CARRIER).length, uris(net, SECOND).length]).toEqual([first, second])
  })

  test('contacts that differ in what leaves no trace', async () => {
    const { net, phone } = await network()
    const contact = [`<${EVIL}>;q=0.5`, `<${GOOD}>`, `<${GOOD};method=INVITE>;q=0.5`]
    const registrant = new Registrant(net)
    await registrant.register({ contact, user: 'lookup' })
    expect(net.stack.registrar.location.size).toBe(3)
    expect(await phone.invite(dial('lookup'))).toBeAnsweredWith(486)
    expect(uris(net, CARRIER)).toEqual([GOOD])
  })
})
