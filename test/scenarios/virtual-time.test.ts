/** Hours of SIP in virtual time: what a user's suite of slow things costs. `vitest run` shows how long it took: it is meant to stay below two seconds. */
import { answer, registrar, ringing, silent, simulate, type Binding, type Registrar } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { insert, REGISTRAR, reload, trunkNetwork } from './trunk-table.ts'
import { BOB, CARRIER } from './wire.ts'

const trunk = 'test/scenarios/routes/trunk.ts'
const DAY = 24 * 3_600

describe('64 × T1', () => {
  test('RFC 3261 §17.1.1.2: timer B ends a call to nobody after 32 s, and the copies of its INVITE double', async () => {
    const net = await simulate({ routes: trunk })
    const carrier = net.uas(CARRIER, silent(), 'carrier')
    const call = await net.uac().invite(BOB)
    expect(call).toBeAnsweredWith(408)
    expect(net.clock.now()).toBe(32_000)
    const times = net.network.sent.filter(({ to }) => to === CARRIER).length
    expect([times, carrier.requests('INVITE').length]).toEqual([7, 1])
  })

  test('RFC 3261 §17.1.2.2: timer F ends every other request', async () => {
    const net = await simulate({ routes: trunk })
    net.uas(CARRIER, silent())
    expect(await net.uac().send('OPTIONS', BOB)).toBeAnsweredWith(408)
  })

  test('RFC 3261 §16.8: timer C ends one that rings for three minutes', async () => {
    const net = await simulate({ routes: trunk })
    const carrier = net.uas(CARRIER, ringing())
    const call = await net.uac().invite(BOB)
    expect(call).toBeAnsweredWith(408)
    expect(carrier).toHaveReceived(/^CANCEL /)
    expect(net.clock.now()).toBeGreaterThanOrEqual(180_000)
  })

  test('ten calls of an hour each, one after another', async () => {
    const net = await simulate({ routes: trunk })
    net.uas(CARRIER, answer())
    const phone = net.uac()
    for (let i = 0; i < 10; i++) {
      const call = await phone.invite(BOB)
      await net.advance('1h')
      expect((await call.bye()).status).toBe(200)
    }
    expect(net.clock.now()).toBeGreaterThanOrEqual(36_000_000)
  })
})

describe('a day', () => {
  test('Case 61: of ten trunks that register for 3,600 s: none lapses', async () => {
    const books = registrar()
    const net = await trunkNetwork({ routes: trunk, registration: { interval: 900 } })
    const carrier = net.uas(REGISTRAR, books)
    for (let i = 0; i < 10; i++) await insert(net, { uuid: `u${i}`, account: `r${i}`, expires: 3_600 })
    await reload(net)
    await net.advance('24h')
    expect(books.lapses).toBe(0)
    // At 80 to 90 % of the hour.
    const each = carrier.requests('REGISTER').length / 10
    expect(each).toBeGreaterThanOrEqual(DAY / (3_600 * 0.9))
    expect(each).toBeLessThanOrEqual(DAY / (3_600 * 0.8) + 1)
    expect(untilAll(books)).toBeGreaterThan(DAY * 1_000)
  })

  test('RFC 3261 §10.3: of a phone that refreshes by the hour, and is found at any time', async () => {
    const net = await simulate({ routes: 'test/scenarios/routes/registrar.ts' })
    const desk = net.uas('127.0.0.1:5092', answer(), 'desk')
    const phone = net.uac()
    const headers = { Contact: '<sip:desk@127.0.0.1:5092>', Expires: '3600' }
    const aor = 'sip:desk@127.0.0.1:5080'
    for (let hour = 0; hour < 24; hour++) {
      expect(await phone.send('REGISTER', 'sip:127.0.0.1:5080', { from: aor, to: aor, headers })).toBeAnsweredWith(200)
      await net.advance('59m')
    }
    expect(await phone.invite(aor)).toReach(desk)
    await net.advance('1h')
    expect(await phone.invite(aor)).toBeAnsweredWith(404)
  })
})

function untilAll({ bindings }: Registrar): number {
  return Math.min(...[...bindings.values()].map(({ until }: Binding) => until))
}
