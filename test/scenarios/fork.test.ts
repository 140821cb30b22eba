/** Parallel and serial forking (RFC 3261 §16.6 and §16.7): who is sent to, who is cancelled, and the one answer that goes upstream. */
import {
  answer,
  Dialog,
  reject,
  ringing,
  silent,
  simulate,
  type Behaviour,
  type Call,
  type Uac,
} from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { branch, CARRIER, going, header, logged, loseFirst, PHONE, requestUri, SECOND, sentTo, THIRD } from './wire.ts'

const PLACES = [CARRIER, SECOND, THIRD]

async function network(...behaviours: Behaviour[]) {
  const net = await simulate({ routes: 'test/scenarios/routes/fork.ts' })
  behaviours.forEach((behaviour, i) => net.uas(PLACES[i]!, behaviour))
  const phone = net.uac(PHONE)
  const sent = (method: string): number[] => PLACES.map((place) => sentTo(net, place, `${method} `).length)
  return { net, phone, sent }
}

const dial = (user: string): string => `sip:${user}@127.0.0.1:5080`

/** Answers after so many milliseconds, with nothing before. */
function later(ms: number, ...statuses: number[]): Behaviour {
  return (incoming) =>
    incoming.after(ms, () => statuses.forEach((status) => incoming.isCanceled || incoming.answer(status)))
}

/** As a caller must: each dialog that a forked INVITE made is acknowledged (RFC 3261 §13.2.2.4). */
function acknowledgeAll(phone: Uac, call: Call): void {
  for (const response of call.responses) {
    if (response.status === 200) Dialog.ofCaller(phone, call.request, response).acknowledge(call.request)
  }
}

describe('RFC 3261 §16.6: a fork', () => {
  test('RFC 3261 §16.6 step 10: reaches all of them at once, each on a branch of its own', async () => {
    const { net, phone, sent } = await network(ringing(), ringing(), ringing())
    const call = phone.dial(dial('all'))
    await net.advance(0)
    expect(sent('INVITE')).toEqual([1, 1, 1])
    const invites = PLACES.map((place) => sentTo(net, place, 'INVITE ')[0]!)
    expect(new Set(invites.map(branch)).size).toBe(3)
    expect(invites.map((wire) => header(wire, 'Call-ID'))).toEqual(Array(3).fill(call.callId))
    expect(invites.map(requestUri)).toEqual(Array(3).fill(dial('all')))
    call.cancel()
    await net.until(call.answered)
  })

  test('RFC 3261 §16.6 step 2: an entry may have a Request-URI of its own, and a next hop beside it', async () => {
    const { net, phone } = await network(reject(486), reject(486))
    await phone.invite(dial('named'))
    expect([CARRIER, SECOND].map((place) => requestUri(sentTo(net, place, 'INVITE ')[0]!))).toEqual([
      'sip:desk@127.0.0.1:5090',
      'sip:0049@gw.example',
    ])
  })

  test('to nobody is the route’s mistake: 500, and the log says so', async () => {
    const { net, phone } = await network()
    expect(await phone.invite(dial('nobody'))).toBeAnsweredWith(500)
    expect(logged(net, 'error')[0]).toContain('fork([]) names no target')
  })
})

describe('RFC 3261 §16.7 step 5: the first 2xx', () => {
  test('RFC 3261 §16.7 steps 5 and 10: wins; who rings is cancelled, and its 487 is acknowledged and goes no further', async () => {
    const { net, phone, sent } = await network(answer({ after: '5s' }), ringing(), ringing())
    const call = await phone.invite(dial('all'))
    expect(call.statuses).toEqual([100, 180, 180, 180, 200])
    await net.advance('1s')
    expect(sent('CANCEL')).toEqual([0, 1, 1])
    expect(sent('ACK')).toEqual([1, 1, 1])
    const [invite, cancel, ack] = ['INVITE ', 'CANCEL ', 'ACK '].map((start) => sentTo(net, SECOND, start)[0]!)
    expect([branch(cancel!), branch(ack!)]).toEqual([branch(invite!), branch(invite!)])
    expect(call.statuses).toEqual([100, 180, 180, 180, 200])
    expect((await call.bye()).status).toBe(200)
    expect(sent('BYE')).toEqual([1, 0, 0])
    expect(logged(net, 'info')).toEqual([])
  })

  test('RFC 3261 §9.1: a branch that has said nothing is cancelled when it does', async () => {
    const { net, phone, sent } = await network(answer({ after: '1s' }), later(3_000, 180))
    const call = await phone.invite(dial('both'))
    await net.advance(1_999)
    expect(sent('CANCEL')).toEqual([0, 0, 0])
    await net.advance(1)
    expect(sent('CANCEL')).toEqual([0, 1, 0])
    await net.advance('1s')
    expect(call.statuses).toEqual([100, 180, 200])
  })

  test('RFC 3261 §9.1: a branch that never says anything is never cancelled, and ends with timer B', async () => {
    const { net, phone, sent } = await network(answer(), silent())
    const call = await phone.invite(dial('both'))
    await net.advance('40s')
    expect(sent('CANCEL')).toEqual([0, 0, 0])
    expect(sent('INVITE')).toEqual([1, 7, 0])
    expect(call.statuses).toEqual([100, 180, 200])
  })

  test('RFC 3261 §16.7 steps 5 and 9: a second 2xx, which the CANCEL did not reach, is forwarded too: two dialogs, each with its tag', async () => {
    const { net, phone, sent } = await network(answer({ ring: false }), answer({ ring: false }))
    const call = phone.dial(dial('both'))
    await net.advance(100)
    expect(call.statuses).toEqual([100, 200, 200])
    const tags = call.responses.slice(1).map((response) => response.toTag)
    expect(new Set(tags).size).toBe(2)
    acknowledgeAll(phone, call)
    await net.advance('5s')
    expect(
      sent('ACK')
        .slice(0, 2)
        .every((count) => count >= 1),
    ).toBe(true)
    expect(call.statuses).toEqual([100, 200, 200])
    const [, first, second] = call.responses
    for (const response of [first!, second!]) {
      const dialog = Dialog.ofCaller(phone, call.request, response)
      expect((await dialog.request('BYE')).status).toBe(200)
    }
    expect(sent('BYE')).toEqual([1, 1, 0])
  })

  test('of another method: only the first is forwarded, and nobody is cancelled', async () => {
    const { net, phone, sent } = await network(answer(), answer())
    const call = await phone.send('MESSAGE', dial('both'))
    await net.advance('1s')
    expect(call.statuses).toEqual([200])
    expect([sent('MESSAGE'), sent('CANCEL')]).toEqual([
      [1, 1, 0],
      [0, 0, 0],
    ])
  })
})

describe('RFC 3261 §16.7 step 5: a 6xx', () => {
  test('has the others cancelled, and goes upstream when they have ended', async () => {
    const { net, phone, sent } = await network(ringing(), reject(603))
    const lost = loseFirst(net, 2, going(CARRIER, 'CANCEL '))
    const call = phone.dial(dial('both'))
    await net.advance(400)
    expect([lost(), call.statuses]).toEqual([1, [100, 180]])
    await net.until(call.answered)
    expect(call.statuses).toEqual([100, 180, 603])
    expect(sent('CANCEL')).toEqual([3, 0, 0])
    expect(logged(net, 'info')).toEqual(['603 of 487,603'])
  })

  test('does not keep a 2xx that crosses the CANCEL from the caller', async () => {
    const { net, phone } = await network(answer({ after: '1s' }), reject(603))
    loseFirst(net, 2, going(CARRIER, 'CANCEL '))
    const call = await phone.invite(dial('both'))
    expect(call.statuses).toEqual([100, 180, 200])
    expect(logged(net, 'info')).toEqual([])
  })

  test('of one in a list ends the list', async () => {
    const { net, phone, sent } = await network(reject(486), reject(600), answer())
    expect(await phone.invite(dial('list'))).toBeAnsweredWith(600)
    expect(sent('INVITE')).toEqual([1, 1, 0])
    expect(logged(net, 'info')).toEqual(['600 of 486,600'])
  })
})

describe('RFC 3261 §16.7 step 6: the best answer of a fork', () => {
  test.each<[number[], number]>([
    [[404, 486], 404],
    [[486, 404], 486],
    [[486, 302], 302],
    [[500, 486], 486],
    [[486, 401], 401],
    [[480, 484], 484],
    [[486, 603], 603],
    [[503, 486], 486],
    [[503, 500], 500],
    [[408, 486], 486],
  ])('%j is %d', async (statuses, best) => {
    const { net, phone } = await network(...statuses.map((status) => reject(status)))
    expect(await phone.invite(dial('both'))).toBeAnsweredWith(best)
    expect(logged(net, 'info')).toEqual([`${best} of ${statuses.join()}`])
  })

  test('503 of everyone is a 500: the caller is not to shun us', async () => {
    const { net, phone } = await network(reject(503), reject(503))
    const call = await phone.invite(dial('both'))
    expect(call).toBeAnsweredWith(500)
    expect(logged(net, 'info')).toEqual(['503 of 503,503'])
  })

  test('RFC 3261 §16.9: a branch that cannot be sent counts as 503, made here; the other goes on', async () => {
    const { net, phone } = await network(silent(), reject(486))
    expect(await phone.invite(dial('astray'))).toBeAnsweredWith(486)
    expect(logged(net, 'info')).toEqual(['486 of 503 local,486'])
  })

  test('RFC 3261 §16.9: when none can be sent the caller gets 500', async () => {
    const { net, phone } = await network()
    expect(await phone.invite(dial('all-astray'))).toBeAnsweredWith(500)
    expect(logged(net, 'info')).toEqual(['503 of 503 local,503 local'])
  })

  test('RFC 3261 §16.7 step 7: 401 and 407 together carry every challenge', async () => {
    const { phone } = await network(
      reject(401, { 'WWW-Authenticate': 'Digest realm="one", nonce="1"' }),
      reject(407, { 'Proxy-Authenticate': 'Digest realm="two", nonce="2"' }),
      reject(407, { 'Proxy-Authenticate': 'Digest realm="three", nonce="3"' }),
    )
    const call = await phone.invite(dial('all'))
    expect(call).toBeAnsweredWith(401)
    expect(call.final!.toWire().match(/^(WWW|Proxy)-Authenticate: .*$/gm)).toEqual([
      'WWW-Authenticate: Digest realm="one", nonce="1"',
      'Proxy-Authenticate: Digest realm="two", nonce="2"',
      'Proxy-Authenticate: Digest realm="three", nonce="3"',
    ])
  })

  test('RFC 3261 §16.7 step 6: nobody says anything: 408 after 64 × T1', async () => {
    const { net, phone, sent } = await network(silent(), silent())
    const call = phone.dial(dial('both'))
    await net.advance(31_999)
    expect(call.statuses).toEqual([100])
    await net.advance(1)
    expect(call.statuses).toEqual([100, 408])
    expect(sent('CANCEL')).toEqual([0, 0, 0])
    expect(logged(net, 'info')).toEqual(['408 of 408 local,408 local'])
  })

  test('RFC 3261 §16.7 step 4: the answers stand in the order of the branches, whichever came first', async () => {
    const { net, phone } = await network(later(3_000, 404), later(2_000, 486), later(1_000, 480))
    expect(await phone.invite(dial('all'))).toBeAnsweredWith(404)
    expect(logged(net, 'info')).toEqual(['404 of 404,486,480'])
  })
})

describe('RFC 4320 §4.2: no 408 to a request other than INVITE', () => {
  test.each<[string, Behaviour[]]>([
    ['when nobody answered', [silent(), silent()]],
    ['when a 408 is all that came', [reject(408), reject(408)]],
  ])('%s', async (_, behaviours) => {
    const { net, phone } = await network(...behaviours)
    const call = phone.dial(dial('both'), { method: 'OPTIONS' })
    await net.advance('40s')
    expect([call.statuses, call.timedOut]).toEqual([[], true])
    expect(sentTo(net, PHONE, '')).toEqual([])
  })

  test('another answer goes upstream in its place', async () => {
    const { phone } = await network(reject(408), reject(404))
    expect((await phone.send('OPTIONS', dial('both'))).statuses).toEqual([404])
  })
})

describe('RFC 3261 §16.8: timer C is each branch’s own', () => {
  test('RFC 3261 §16.7 step 2: who rang too long is cancelled; the other, who said more, may still answer', async () => {
    const { net, phone, sent } = await network(ringing(), (incoming) => {
      incoming.answer(180)
      incoming.after(100_000, () => incoming.answer(183))
      incoming.after(200_000, () => incoming.answer(200))
    })
    const call = phone.dial(dial('both'))
    await net.advance(180_000)
    expect(sent('CANCEL')).toEqual([1, 0, 0])
    await net.until(call.answered)
    expect(call.statuses).toEqual([100, 180, 180, 183, 200])
    expect(sent('CANCEL')).toEqual([1, 0, 0])
  })
})

describe('RFC 3261 §16.8: timeouts of a relay or fork', () => {
  test('nothing within `provisional` is a 408 of that branch alone', async () => {
    const { net, phone, sent } = await network(silent(), answer({ after: '5s' }))
    const call = await phone.invite(dial('in-a-hurry'))
    expect(call.statuses).toEqual([100, 180, 200])
    // RFC 3261 §9.1: it may not be cancelled before it says something; no copies follow.
    expect(sent('INVITE')).toEqual([3, 1, 0])
    expect(sent('CANCEL')).toEqual([0, 0, 0])
    expect(logged(net, 'info')).toEqual([])
  })

  test('ringing beyond `final` is cancelled and counts as 408', async () => {
    const { net, phone, sent } = await network(ringing(), reject(486))
    const call = phone.dial(dial('in-a-hurry'))
    await net.advance(9_999)
    expect(call.statuses).toEqual([100, 180])
    await net.advance(1)
    expect(call).toBeAnsweredWith(486)
    expect(sent('CANCEL')).toEqual([1, 0, 0])
    expect(logged(net, 'info')).toEqual(['486 of 408 local,486'])
  })

  test('a 2xx of a branch that was given up is forwarded, as long as nothing else was', async () => {
    const { net, phone } = await network(later(3_000, 200), ringing())
    const call = phone.dial(dial('in-a-hurry'))
    await net.until(call.answered)
    expect(call.statuses).toEqual([100, 180, 200])
    expect(sentTo(net, SECOND, 'CANCEL ')).toHaveLength(1)
  })

  test('in a list each has its time, and a late answer of the first is its own', async () => {
    const { net, phone, sent } = await network(later(2_500, 180, 486), reject(404), answer())
    const call = await phone.invite(dial('list-in-a-hurry'))
    expect(call).toBeAnsweredWith(200)
    await net.advance('5s')
    expect(sent('INVITE')).toEqual([3, 1, 1])
    expect(logged(net, 'info')).toEqual([])
    expect(call.statuses).toEqual([100, 180, 200])
  })

  test('a 2xx of the first, given up but late, ends the search and cancels who is asked now', async () => {
    const { net, phone, sent } = await network(later(2_500, 200), ringing(), answer())
    const call = phone.dial(dial('list-in-a-hurry'))
    await net.until(call.answered)
    expect(call.statuses).toEqual([100, 180, 200])
    await net.advance('1s')
    expect([sent('CANCEL'), sent('INVITE')[2]]).toEqual([[0, 1, 0], 0])
  })
})

describe('RFC 3261 §16.7: a list', () => {
  test('is tried in order, the next one only when the one before has failed', async () => {
    const { net, phone, sent } = await network(later(1_000, 486), later(1_000, 480), answer())
    const call = phone.dial(dial('list'))
    const counts: number[][] = []
    for (let i = 0; i < 3; i++) {
      await net.advance(i === 0 ? 0 : 1_000)
      counts.push(sent('INVITE'))
    }
    expect(counts).toEqual([
      [1, 0, 0],
      [2, 1, 0],
      [2, 2, 1],
    ])
    expect(call).toBeAnsweredWith(200)
    expect(logged(net, 'info')).toEqual([])
  })

  test('is ended by a 2xx', async () => {
    const { phone, sent } = await network(reject(486), answer(), answer())
    expect(await phone.invite(dial('list'))).toBeAnsweredWith(200)
    expect(sent('INVITE')).toEqual([1, 1, 0])
  })

  test('step 6: has one best answer of all that were asked', async () => {
    const { net, phone } = await network(reject(480), reject(401), reject(500))
    expect(await phone.invite(dial('list'))).toBeAnsweredWith(401)
    expect(logged(net, 'info')).toEqual(['401 of 480,401,500'])
  })
})

describe('RFC 3261 §16.7: branches that a failure route adds', () => {
  test('are a new search: what was answered before is forgotten', async () => {
    const { net, phone } = await network(reject(404), reject(486), reject(480))
    expect(await phone.invite(dial('then-others'))).toBeAnsweredWith(486)
    expect(logged(net, 'info')).toEqual(['404 of 404', '486 of 486,480'])
  })

  test('may be many at once', async () => {
    const { net, phone, sent } = await network(reject(404), ringing(), answer({ after: '1s' }))
    expect(await phone.invite(dial('then-others'))).toBeAnsweredWith(200)
    await net.advance('1s')
    expect(sent('CANCEL')).toEqual([0, 1, 0])
  })

  test('may come after a 6xx: the route knows what it does', async () => {
    const { phone } = await network(reject(603), answer(), reject(480))
    expect(await phone.invite(dial('then-others'))).toBeAnsweredWith(200)
  })
})

describe('RFC 3261 §16.5: redirection', () => {
  const Contact = `<sip:late@127.0.0.1:5092>;q=0.2, <sip:soon@127.0.0.1:5091>;q=0.9, <sip:first@127.0.0.1:5091>`

  test('a 3xx is not followed by itself: the list goes on', async () => {
    const { phone, sent } = await network(reject(302, { Contact }), answer(), answer())
    const call = await phone.invite(dial('list'))
    expect(call).toBeAnsweredWith(200)
    expect(sent('INVITE')).toEqual([1, 1, 0])
  })

  test('a failure route follows it: res.contacts, highest q first', async () => {
    const { net, phone } = await network(reject(302, { Contact }), reject(486), answer())
    expect(await phone.invite(dial('recursive'))).toBeAnsweredWith(200)
    const uris = ['sip:first@127.0.0.1:5091', 'sip:soon@127.0.0.1:5091', 'sip:late@127.0.0.1:5092']
    expect(logged(net, 'info')).toEqual([uris.join()])
    expect(sentTo(net, SECOND, 'INVITE ').map(requestUri)).toEqual(uris.slice(0, 2))
    expect(sentTo(net, THIRD, 'INVITE ').map(requestUri)).toEqual(uris.slice(2))
  })

  test('RFC 3261 §21.3.3: redirect sends the caller elsewhere', async () => {
    const { phone } = await network()
    const call = await phone.invite(dial('redirects'))
    expect(call).toBeAnsweredWith(302)
    expect(call.final!.toWire().match(/^Contact: .*$/gm)).toEqual([
      'Contact: <sip:bob@192.0.2.1>',
      'Contact: <sip:bob@192.0.2.2>',
    ])
  })

  test('RFC 3261 §21.3.3: and from a failure route, where it is final', async () => {
    const { net, phone } = await network(reject(486), reject(486))
    const call = await phone.invite(dial('ends-there'))
    expect(call).toBeAnsweredWith(302)
    expect(header(call.final!.toWire(), 'Contact')).toBe('<sip:voicemail@192.0.2.7>')
    expect(logged(net, 'warn')).toEqual([expect.stringContaining('reply(486) does nothing: redirect at')])
  })
})

test('RFC 3261 §16.7: a context is readable after its transaction, and `done` says when that is', async () => {
  const { net, phone } = await network(reject(486), reject(480))
  const call = phone.dial(dial('keeps-looking'))
  await net.advance('1s')
  expect(call.statuses).toEqual([100])
  call.cancel()
  await net.until(call.answered)
  await net.advance('1s')
  expect(call).toBeAnsweredWith(487)
  expect(logged(net, 'info')).toEqual(['INVITE 486 2 read later'])
})

describe('RFC 3261 §16.10: a CANCEL', () => {
  test('reaches each branch according to its state: only who rings gets one', async () => {
    const { net, phone, sent } = await network(reject(486), ringing(), later(10_000, 180))
    const call = phone.dial(dial('all'))
    await net.advance('1s')
    call.cancel()
    await net.advance('1s')
    expect(sent('CANCEL')).toEqual([0, 1, 0])
    expect(call.statuses).toEqual([100, 180])
    await net.advance('8s')
    expect(sent('CANCEL')).toEqual([0, 1, 1])
    expect(call.statuses).toEqual([100, 180, 180, 487])
    // The failure route hears of it; its actions would do nothing.
    expect(logged(net, 'info')).toEqual(['486 of 486,487,487'])
  })

  test('crosses a 2xx of one branch, which wins', async () => {
    const { net, phone, sent } = await network(answer({ after: '1s' }), ringing())
    loseFirst(net, 1, going(CARRIER, 'CANCEL '))
    const call = phone.dial(dial('both'))
    await net.advance(900)
    call.cancel()
    await net.until(call.answered)
    expect(call).toBeAnsweredWith(200)
    await net.advance('1s')
    expect(sent('CANCEL').slice(1)).toEqual([1, 0])
    expect((await call.bye()).status).toBe(200)
  })

  test('after a branch was given up does not cancel it once more', async () => {
    const { net, phone, sent } = await network(ringing(), (incoming) => {
      incoming.answer(180)
      incoming.after(9_000, () => incoming.answer(183))
    })
    const call = phone.dial(dial('in-a-hurry'))
    await net.advance('12s')
    expect(sent('CANCEL')).toEqual([1, 0, 0])
    call.cancel()
    await net.until(call.answered)
    expect(sent('CANCEL')).toEqual([1, 1, 0])
    expect(call).toBeAnsweredWith(487)
  })

  test('in a list cancels who is asked, and nobody else is', async () => {
    const { net, phone, sent } = await network(reject(486), ringing(), answer())
    const call = phone.dial(dial('list'))
    await net.advance('1s')
    call.cancel()
    await net.until(call.answered)
    expect([sent('INVITE'), sent('CANCEL')]).toEqual([
      [1, 1, 0],
      [0, 1, 0],
    ])
    expect(call).toBeAnsweredWith(487)
  })

  test('is sent once, though the caller asks twice', async () => {
    const { net, phone, sent } = await network(ringing(), ringing())
    net.filter = ({ to, wire }) => (to === net.proxyAddress && wire.startsWith('CANCEL ') ? 2 : 1)
    const call = phone.dial(dial('both'))
    await net.advance('1s')
    call.cancel()
    await net.until(call.answered)
    expect(sent('CANCEL')).toEqual([1, 1, 0])
  })
})
