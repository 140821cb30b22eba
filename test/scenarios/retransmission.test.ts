/** What is repeated, what is absorbed, and what a lost message comes to (RFC 3261 §17 as RFC 6026 corrected it). */
import { answer, challenge, reject, ringing, silent, simulate, type Behaviour } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { BOB, branch, CARRIER, cseq, going, header, logged, loseFirst, PHONE, PROXY, SECOND, sentTo } from './wire.ts'

const routes = 'test/scenarios/routes/trunk.ts'
const account = { realm: 'carrier', username: 'test', password: 'test' }

async function network(carrier: Behaviour, file = routes) {
  const net = await simulate({ routes: file })
  return { net, carrier: net.uas(CARRIER, carrier), phone: net.uac(PHONE) }
}

test('RFC 3261 §17.2: every message twice is every message once', async () => {
  const { net, carrier, phone } = await network(challenge(account))
  net.filter = () => 2
  const call = await phone.invite(BOB)
  expect(call).toBeAnsweredWith(200)
  expect((await call.bye()).status).toBe(200)
  expect(carrier.requests('INVITE').map((request) => request.cseq!.number)).toEqual([1, 2])
  expect(carrier.requests('BYE')).toHaveLength(1)
  expect(carrier.dialogs).toHaveLength(1)
})

const losses = [
  { what: 'the INVITE of the caller', to: PROXY, start: 'INVITE ' },
  { what: 'the INVITE of the proxy', to: CARRIER, start: 'INVITE ' },
  { what: 'the 407 of the carrier', to: PROXY, start: 'SIP/2.0 407' },
  { what: 'the 200 of the carrier', to: PROXY, start: 'SIP/2.0 200' },
  { what: 'the 200 of the proxy', to: PHONE, start: 'SIP/2.0 200' },
  { what: 'the BYE of the caller', to: PROXY, start: 'BYE ' },
  { what: 'the BYE of the proxy', to: CARRIER, start: 'BYE ' },
]

describe('RFC 3261 §17: what was lost comes again, to the byte', () => {
  test.each(losses)('$what', async ({ to, start }) => {
    const { net, carrier, phone } = await network(challenge(account))
    const lost = loseFirst(net, 1, going(to, start))
    const call = await phone.invite(BOB)
    expect(call).toBeAnsweredWith(200)
    expect((await call.bye()).status).toBe(200)
    expect(lost()).toBe(1)
    const [first, second] = sentTo(net, to, start)
    expect(second).toBe(first)
    expect(carrier.requests('INVITE').map((request) => request.cseq!.number)).toEqual([1, 2])
    expect(carrier.requests('BYE')).toHaveLength(1)
  })

  test.each(['100', '180'])('but no %s, and nobody misses it', async (status) => {
    const { net, phone } = await network(challenge(account))
    const lost = loseFirst(net, 1, going(PHONE, `SIP/2.0 ${status}`))
    expect(await phone.invite(BOB)).toBeAnsweredWith(200)
    expect(lost()).toBe(1)
    expect(sentTo(net, PHONE, `SIP/2.0 ${status}`)).toHaveLength(1)
  })

  test('the retried INVITE, with its own branch and CSeq', async () => {
    const { net, phone } = await network(challenge(account))
    loseFirst(net, 1, ({ to, wire }) => to === CARRIER && wire.startsWith('INVITE ') && cseq(wire) === 2)
    expect(await phone.invite(BOB)).toBeAnsweredWith(200)
    const [first, second, third, ...more] = sentTo(net, CARRIER, 'INVITE ')
    expect(more).toEqual([])
    expect(third).toBe(second)
    expect([cseq(third!), branch(third!) === branch(first!)]).toEqual([2, false])
  })

  test.each([
    { who: 'the carrier', to: PROXY },
    { who: 'the proxy', to: PHONE },
  ])('the 200 to a BYE, from $who', async ({ to }) => {
    const { net, carrier, phone } = await network(answer())
    const call = await phone.invite(BOB)
    const isOk = going(to, 'SIP/2.0 200')
    const lost = loseFirst(net, 1, (datagram) => isOk(datagram) && header(datagram.wire, 'CSeq') === '2 BYE')
    expect((await call.bye()).status).toBe(200)
    expect(lost()).toBe(1)
    expect(carrier.requests('BYE')).toHaveLength(1)
  })
})

describe('RFC 6026 §7.1: a 2xx is repeated by who made it, and each one is forwarded', () => {
  test.each([
    { who: 'the caller', to: PROXY },
    { who: 'the proxy', to: CARRIER },
  ])('when the ACK of $who was lost', async ({ to }) => {
    const { net, carrier, phone } = await network(answer())
    const lost = loseFirst(net, 1, going(to, 'ACK '))
    const call = await phone.invite(BOB)
    await net.advance('5s')
    expect(lost()).toBe(1)
    expect(call.statuses).toEqual([100, 180, 200, 200])
    expect(carrier.requests('ACK')).toHaveLength(1)
  })

  test('until 64 × T1 have passed', async () => {
    const { net, phone } = await network(answer())
    loseFirst(net, Infinity, going(PROXY, 'ACK '))
    await phone.invite(BOB)
    await net.advance('40s')
    // At 0, 0.5, 1.5, 3.5, 7.5, then every 4 s.
    expect(sentTo(net, PROXY, 'SIP/2.0 200')).toHaveLength(11)
    expect(sentTo(net, PHONE, 'SIP/2.0 200')).toHaveLength(11)
  })
})

describe('RFC 3261 §17.1.1.2: a carrier that says nothing', () => {
  test('gets seven INVITEs, all the same, at intervals that double', async () => {
    const { net, phone } = await network(silent())
    const call = phone.dial(BOB)
    const counts: number[] = []
    for (const ms of [499, 1, 999, 1, 2_000, 4_000, 8_000, 16_000, 60_000]) {
      await net.advance(ms)
      counts.push(sentTo(net, CARRIER, 'INVITE ').length)
    }
    expect(counts).toEqual([1, 2, 2, 3, 4, 5, 6, 7, 7])
    expect(new Set(sentTo(net, CARRIER, 'INVITE ')).size).toBe(1)
    expect(call).toBeAnsweredWith(408)
  })

  test('is a 408 made here after 64 × T1, and the failure route is told', async () => {
    const { net, phone } = await network(silent(), 'test/scenarios/routes/failure-log.ts')
    const call = phone.dial(BOB)
    await net.advance(31_999)
    expect(call.statuses).toEqual([100])
    await net.advance(1)
    expect(call.statuses).toEqual([100, 408])
    expect(call.timedOut).toBe(false)
    expect(logged(net, 'info')).toEqual(['408 made here'])
  })

  test('RFC 3261 §17.1.2.2: of other methods too, at intervals that double up to T2', async () => {
    const { net, phone } = await network(silent(), 'test/scenarios/routes/failure-log.ts')
    await phone.send('OPTIONS', BOB)
    await net.advance('40s')
    const sent = sentTo(net, CARRIER, 'OPTIONS ')
    expect([sent.length, new Set(sent).size]).toEqual([11, 1])
    expect(logged(net, 'info')).toEqual(['408 made here'])
  })
})

describe('RFC 3261 §17.2.1: a negative answer is repeated until its ACK', () => {
  test('timer G: the ACK was lost', async () => {
    const { net, phone } = await network(reject(486))
    const lost = loseFirst(net, 1, going(PROXY, 'ACK '))
    expect(await phone.invite(BOB)).toBeAnsweredWith(486)
    await net.advance('40s')
    expect(lost()).toBe(1)
    expect(sentTo(net, PHONE, 'SIP/2.0 486')).toHaveLength(2)
    expect(sentTo(net, PROXY, 'ACK ')).toHaveLength(2)
  })

  test('timer H: no ACK ever', async () => {
    const { net, phone } = await network(reject(486))
    loseFirst(net, Infinity, going(PROXY, 'ACK '))
    await phone.invite(BOB)
    await net.advance('40s')
    expect(sentTo(net, PHONE, 'SIP/2.0 486')).toHaveLength(11)
  })

  test('RFC 3261 §17.1.1.2: one that comes again is acknowledged again', async () => {
    const { net, phone } = await network(reject(486))
    loseFirst(net, 1, going(CARRIER, 'ACK '))
    const call = await phone.invite(BOB)
    await net.advance('1s')
    const acks = sentTo(net, CARRIER, 'ACK ')
    expect([acks.length, new Set(acks).size]).toEqual([2, 1])
    expect(call.statuses).toEqual([100, 486])
  })
})

describe('RFC 3261 §16.8: timer C', () => {
  test('ends a call that rings for ever: CANCEL to the carrier, 408 to the caller', async () => {
    const { net, phone } = await network(ringing(), 'test/scenarios/routes/failure-log.ts')
    const call = phone.dial(BOB)
    await net.advance(179_999)
    expect(call.statuses).toEqual([100, 180])
    await net.advance(1)
    expect(call.statuses).toEqual([100, 180, 408])
    expect(sentTo(net, CARRIER, 'CANCEL ').map(cseq)).toEqual([1])
    expect(logged(net, 'info')).toEqual(['408 made here'])
    // To the 487 that the CANCEL brought.
    expect(sentTo(net, CARRIER, 'ACK ')).toHaveLength(1)
  })

  test('RFC 3261 §16.7 step 2: starts anew with every 101 to 199', async () => {
    const { net, phone } = await network((incoming) => {
      incoming.answer(180)
      incoming.after(100_000, () => incoming.answer(183))
    })
    const call = phone.dial(BOB)
    await net.advance(279_999)
    expect(call.statuses).toEqual([100, 180, 183])
    await net.advance(1)
    expect(call).toBeAnsweredWith(408)
  })

  test('RFC 3261 §9.1: leaves nothing behind when the carrier is gone', async () => {
    const { net, phone } = await network(ringing())
    const call = phone.dial(BOB)
    await net.advance('1s')
    loseFirst(net, Infinity, ({ to }) => to === CARRIER)
    await net.advance('3m')
    expect(call).toBeAnsweredWith(408)
    expect(sentTo(net, CARRIER, 'CANCEL ')).not.toEqual([])
  })
})

describe('RFC 3261 §16.8: timeouts that a route asks for', () => {
  const file = 'test/scenarios/routes/timeouts.ts'

  test('nothing from the first carrier in time: the second', async () => {
    const { net, phone } = await network(silent(), file)
    net.uas(SECOND, answer())
    const call = phone.dial(BOB)
    await net.advance(1_999)
    expect(sentTo(net, SECOND, 'INVITE ')).toEqual([])
    await net.advance(1)
    expect(call).toBeAnsweredWith(200)
    expect(logged(net, 'info')).toEqual(['408 made here'])
    expect(sentTo(net, CARRIER, 'CANCEL ')).toEqual([])
  })

  test('no answer in time: CANCEL, and the second', async () => {
    const { net, phone } = await network(ringing(), file)
    net.uas(SECOND, answer())
    const call = phone.dial(BOB)
    await net.advance(9_999)
    expect(call.statuses).toEqual([100, 180])
    await net.advance(1)
    expect(call).toBeAnsweredWith(200)
    expect(sentTo(net, CARRIER, 'CANCEL ')).toHaveLength(1)
    expect(logged(net, 'info')).toEqual(['408 made here'])
  })

  test('RFC 3261 §9.1: a carrier that rings after it was given up is cancelled, and the caller hears none of it', async () => {
    const { net, phone } = await network((incoming) => incoming.after(3_000, () => incoming.answer(183)), file)
    net.uas(SECOND, answer({ after: '5s' }))
    const call = await phone.invite(BOB)
    expect(call.statuses).toEqual([100, 180, 200])
    expect(sentTo(net, CARRIER, 'CANCEL ')).toHaveLength(1)
    expect(sentTo(net, PROXY, 'SIP/2.0 487')).toHaveLength(1)
  })
})

describe('RFC 3261 §17: on a network that loses a quarter and doubles a sixth', () => {
  const ends = [answer(), answer({ after: '3s' }), ringing(), reject(486)]
  const seeds = Array.from({ length: 40 }, (_, seed) => seed)

  test.each(seeds)('a call has one end, its own numbers, and leaves nothing: seed %i', async (seed) => {
    const { net, phone } = await network(challenge({ ...account, next: ends[seed % ends.length]! }))
    const random = randomFrom(seed)
    net.filter = () => fate(random())
    const call = phone.dial(BOB)
    await net.advance(random() * 5_000)
    if (seed % 3 === 0) call.cancel()
    await net.advance('250s')
    expect(new Set(call.statuses.filter((status) => status >= 200)).size).toBeLessThanOrEqual(1)
    expect(new Set(call.responses.map((response) => header(response.toWire(), 'CSeq')))).toEqual(new Set(['1 INVITE']))
    if (call.status === 200) await call.bye()
    expect(sentTo(net, CARRIER, 'BYE ').every((bye) => cseq(bye) === 3)).toBe(true)
  })
})

/** How many copies of a datagram arrive. */
function fate(random: number): number {
  if (random < 0.25) return 0
  return random < 0.4 ? 2 : 1
}

/** The same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed * 7919 + 1
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return state / 2 ** 32
  }
}
