/** A caller that gives up, at every moment of a call (RFC 3261 §9 and §16.10). */
import { answer, ringing, silent, simulate, type Behaviour, type Uac } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import {
  BOB,
  branch,
  CARRIER,
  going,
  header,
  logged,
  loseFirst,
  PHONE,
  PROXY,
  requestUri,
  SECOND,
  sentTo,
} from './wire.ts'

async function network(carrier: Behaviour, file = 'trunk') {
  const net = await simulate({ routes: `test/scenarios/routes/${file}.ts` })
  net.uas(CARRIER, carrier)
  return { net, phone: net.uac(PHONE) }
}

/** Sends a CANCEL of its own. */
function strayCancel(phone: Uac): Promise<number> {
  const cancel = phone.makeRequest({
    method: 'CANCEL',
    ruri: BOB,
    from: '<sip:alice@127.0.0.1>;tag=a',
    to: `<${BOB}>`,
    callId: 'unknown',
    cseq: 1,
  })
  return phone.wait(
    new Promise((resolve) => {
      const none = (): void => resolve(0)
      phone.sendRequest(
        cancel,
        { response: ({ status }) => resolve(status), timeout: none, transportError: none },
        `sip:${PROXY}`,
      )
    }),
  )
}

test('RFC 3261 §16.10: while it rings: 200 to the CANCEL, CANCEL to the carrier, 487 to the INVITE', async () => {
  const { net, phone } = await network(ringing())
  const call = phone.dial(BOB)
  await net.advance('1s')
  call.cancel()
  await net.until(call.answered)
  expect(call.statuses).toEqual([100, 180, 487])
  const [invite] = sentTo(net, CARRIER, 'INVITE ')
  const [cancel, ...more] = sentTo(net, CARRIER, 'CANCEL ')
  expect(more).toEqual([])
  expect([branch(cancel!), requestUri(cancel!)]).toEqual([branch(invite!), requestUri(invite!)])
  expect(header(cancel!, 'CSeq')).toBe('1 CANCEL')
  const [ok] = sentTo(net, PHONE, 'SIP/2.0 200')
  expect(header(ok!, 'CSeq')).toBe('1 CANCEL')
  // RFC 3261 §16.7 step 6: the 487 is the callee's, with the tag of its 180.
  const [ringingAnswer] = sentTo(net, PHONE, 'SIP/2.0 180')
  expect(header(sentTo(net, PHONE, 'SIP/2.0 487')[0]!, 'To')).toBe(header(ringingAnswer!, 'To'))
  expect(sentTo(net, CARRIER, 'ACK ').map(branch)).toEqual([branch(invite!)])
})

describe('RFC 3261 §9.1: before any provisional answer', () => {
  test('the CANCEL is held until there is one', async () => {
    const { net, phone } = await network((incoming) => incoming.after(3_000, () => incoming.answer(180)))
    const call = phone.dial(BOB)
    await net.advance('1s')
    call.cancel()
    await net.advance(1_999)
    expect(sentTo(net, PHONE, 'SIP/2.0 200')).toHaveLength(1)
    expect(sentTo(net, CARRIER, 'CANCEL ')).toEqual([])
    await net.advance(1)
    expect(sentTo(net, CARRIER, 'CANCEL ')).toHaveLength(1)
    expect(call).toBeAnsweredWith(487)
  })

  test('it is never sent to a carrier that says nothing, and the call ends with timer B', async () => {
    const { net, phone } = await network(silent())
    const call = phone.dial(BOB)
    await net.advance('1s')
    call.cancel()
    await net.advance('31s')
    expect(call).toBeAnsweredWith(487)
    expect(sentTo(net, CARRIER, 'CANCEL ')).toEqual([])
  })
})

test('RFC 3261 §9.1: one that crosses the 200 changes nothing: the call stands and is ended by a BYE', async () => {
  const { net, phone } = await network(answer({ after: '1s' }))
  const lost = loseFirst(net, 1, going(CARRIER, 'CANCEL '))
  const call = phone.dial(BOB)
  await net.advance(900)
  call.cancel()
  await net.until(call.answered)
  expect(lost()).toBe(1)
  expect(call.statuses).toEqual([100, 180, 200])
  await net.advance('5s')
  expect(sentTo(net, CARRIER, 'CANCEL ')).toHaveLength(2)
  expect(sentTo(net, CARRIER, 'ACK ')).toHaveLength(1)
  expect(sentTo(net, PHONE, 'SIP/2.0 487')).toEqual([])
  expect((await call.bye()).status).toBe(200)
})

test('RFC 3261 §9.2: after the answer it is answered 200 and means nothing', async () => {
  const { net, phone } = await network(answer())
  const call = await phone.invite(BOB)
  await net.advance('1s')
  const before = net.network.sent.length
  call.cancel()
  await net.advance('1s')
  const after = net.network.sent.slice(before).map(({ to, wire }) => [to, wire.split('\r\n', 1)[0]])
  expect(after).toEqual([
    [PROXY, `CANCEL ${BOB} SIP/2.0`],
    [PHONE, 'SIP/2.0 200 OK'],
  ])
  expect((await call.bye()).status).toBe(200)
})

test('RFC 3261 §9.2: one that matches nothing is answered 481 and goes no further', async () => {
  const { net, phone } = await network(answer())
  expect(await strayCancel(phone)).toBe(481)
  expect(sentTo(net, CARRIER, '')).toEqual([])
})

test('RFC 3261 §17.2.2: twice is once', async () => {
  const { net, phone } = await network(ringing())
  net.filter = ({ wire }) => (wire.startsWith('CANCEL ') ? 2 : 1)
  const call = phone.dial(BOB)
  await net.advance('1s')
  call.cancel()
  await net.until(call.answered)
  expect(call.statuses).toEqual([100, 180, 487])
  expect(sentTo(net, CARRIER, 'CANCEL ')).toHaveLength(1)
  expect(sentTo(net, PHONE, 'SIP/2.0 200')).toHaveLength(2)
})

describe('RFC 3261 §9.2: while a handler awaits, the caller has its 487 at once', () => {
  test('onRequest: signal is aborted, later actions do nothing', async () => {
    const { net, phone } = await network(answer(), 'slow-request')
    const call = phone.dial(BOB)
    await net.advance(100)
    call.cancel()
    await net.until(call.answered)
    await net.advance('1s')
    expect(call.statuses).toEqual([100, 487])
    expect(sentTo(net, CARRIER, '')).toEqual([])
    expect(logged(net, 'info')).toEqual(['aborted before: false', 'aborted after: true'])
  })

  test('onRequest: ending without an action is no mistake then', async () => {
    const { net, phone } = await network(answer(), 'slow-and-gone')
    const call = phone.dial(BOB)
    await net.advance(100)
    call.cancel()
    await net.until(call.answered)
    expect(call.statuses).toEqual([100, 487])
    expect(net.log).toEqual([])
  })

  test('onRequest: a 1xx does nothing either, while the CANCEL is held', async () => {
    const { net, phone } = await network(silent(), 'late-progress')
    const call = phone.dial(BOB)
    await net.advance(100)
    call.cancel()
    await net.until(call.answered)
    expect(call.statuses).toEqual([100, 487])
  })

  test('onFailure: canceled is true when it is read', async () => {
    const { net, phone } = await network((incoming) => incoming.answer(486), 'slow-failure')
    net.uas(SECOND, answer())
    const call = phone.dial(BOB)
    await net.advance(100)
    call.cancel()
    await net.until(call.answered)
    await net.advance('1s')
    expect(call.statuses).toEqual([100, 487])
    expect(sentTo(net, SECOND, '')).toEqual([])
    expect(logged(net, 'info')).toEqual(['canceled before: false', 'canceled after: true'])
  })
})

test('RFC 3261 §16.10: in a list it ends the search; the failure route hears of it, and its actions do nothing', async () => {
  const { net, phone } = await network(ringing(), 'list')
  net.uas(SECOND, answer())
  const call = phone.dial(BOB)
  await net.advance('1s')
  call.cancel()
  await net.until(call.answered)
  expect(call).toBeAnsweredWith(487)
  expect(sentTo(net, SECOND, '')).toEqual([])
  expect(logged(net, 'info')).toEqual(['failed: 487'])
})
