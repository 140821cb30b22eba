/** The proxy as callee: `reply(2xx)` to an INVITE (RFC 3261 §13.3.1.4), and what it does with the later requests of that call. */
import { reject, ringing, simulate, type Behaviour, type Call, type Simulation } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { RawPeer, type RawRequest } from './raw-peer.ts'
import { CARRIER, going, header, logged, loseFirst, PHONE, PROXY, requestUri, sentTo } from './wire.ts'

async function network(carrier: Behaviour = reject(486)) {
  const net = await simulate({ routes: 'test/scenarios/routes/callee.ts' })
  net.uas(CARRIER, carrier)
  return { net, phone: net.uac(PHONE) }
}

const dial = (user: string): string => `sip:${user}@127.0.0.1:5080`

/** When the 2xx went out, in milliseconds. */
async function answersOver(net: Simulation, call: Call, ms: readonly number[]): Promise<number[]> {
  const counts: number[] = []
  for (const each of ms) {
    await net.advance(each)
    counts.push(call.statuses.filter((status) => status === 200).length)
  }
  return counts
}

describe('RFC 3261 §13.3.1.4: the 2xx', () => {
  test('has a To tag, a Contact, the reason, headers and body of the route', async () => {
    const { phone } = await network()
    const call = await phone.invite(dial('answers'))
    const wire = call.final!.toWire()
    expect(wire.split('\r\n', 1)).toEqual(['SIP/2.0 200 Here'])
    expect(header(wire, 'Contact')).toBe('<sip:127.0.0.1:5080>')
    expect(call.final!.toTag).not.toBe('')
    expect(call.final!.body).toBe('v=0\r\n')
    expect(header(wire, 'Record-Route')).toBeUndefined()
  })

  test('keeps the Contact that the route gave it, and follows a 180 with the same tag', async () => {
    const { phone } = await network()
    const named = await phone.invite(dial('names-itself'))
    expect(header(named.final!.toWire(), 'Contact')).toBe('<sip:ivr@127.0.0.1:5080>')
    const call = await phone.invite(dial('rings'))
    expect(call.statuses).toEqual([100, 180, 200])
    expect(call.responses[1]!.toTag).toBe(call.final!.toTag)
    expect(header(call.responses[1]!.toWire(), 'Contact')).toBe('<sip:127.0.0.1:5080>')
  })

  test('is sent once when its ACK comes', async () => {
    const { net, phone } = await network()
    const call = await phone.invite(dial('answers'))
    await net.advance('40s')
    expect(call.statuses).toEqual([100, 200])
    expect(net.stack.proxy.callees.size).toBe(0)
  })

  test('is repeated at intervals that double up to T2 until its ACK comes', async () => {
    const { net, phone } = await network()
    loseFirst(net, 4, going(PROXY, 'ACK '))
    const call = phone.dial(dial('answers'))
    expect(await answersOver(net, call, [499, 1, 999, 1, 2_000, 3_999, 1, 4_000])).toEqual([1, 2, 2, 3, 4, 4, 5, 5])
  })

  test('of a call without ACK is repeated for 64 × T1; then the call is ended with BYE', async () => {
    const { net, phone } = await network()
    loseFirst(net, Infinity, going(PROXY, 'ACK '))
    const call = phone.dial(dial('answers'))
    expect(await answersOver(net, call, [31_999, 1])).toEqual([11, 11])
    const [bye, ...more] = sentTo(net, PHONE, 'BYE ')
    expect(more).toEqual([])
    expect([requestUri(bye!), header(bye!, 'CSeq'), header(bye!, 'Call-ID')]).toEqual([
      `sip:${PHONE}`,
      '1 BYE',
      call.callId,
    ])
    expect(header(bye!, 'From')).toBe(header(call.final!.toWire(), 'To'))
    expect(header(bye!, 'To')).toBe(header(call.request.toWire(), 'From'))
    expect(net.stack.proxy.callees.size).toBe(0)
    await net.advance('1s')
    expect(sentTo(net, PHONE, 'BYE ')).toHaveLength(1)
  })

  test('RFC 3261 §12.1.1: the BYE goes along the Record-Routes of the INVITE', async () => {
    const { net } = await network()
    const edge = new RawPeer(net, '127.0.0.3:5060')
    const peer = new RawPeer(net)
    await peer.send({
      ruri: dial('answers'),
      lines: ['Record-Route: <sip:127.0.0.3;lr>, <sip:127.0.0.4;lr>'],
    })
    expect(header(peer.last(200), 'Record-Route')).toBe('<sip:127.0.0.3;lr>, <sip:127.0.0.4;lr>')
    await net.advance('32s')
    expect(edge.summary[0]).toBe('BYE')
    expect(edge.received[0]!.match(/^Route: .*$/gm)).toEqual(['Route: <sip:127.0.0.3;lr>', 'Route: <sip:127.0.0.4;lr>'])
    await net.advance('40s')
  })

  test('without a Contact in the INVITE there is nowhere to send a BYE to', async () => {
    const { net } = await network()
    const peer = new RawPeer(net)
    await peer.send(peer.request({ ruri: dial('answers') }).replace(/^Contact:.*\r\n/m, ''))
    await net.advance('40s')
    expect(peer.summary).not.toContain('BYE')
    expect(net.stack.proxy.callees.size).toBe(0)
  })

  test('RFC 3261 §17.2.1: a retransmitted INVITE begins no second call', async () => {
    const { net } = await network()
    const peer = new RawPeer(net)
    for (let i = 0; i < 3; i++) await peer.send({ ruri: dial('answers') })
    expect(peer.summary).toEqual(['100', '200'])
    expect(net.stack.proxy.callees.size).toBe(1)
    await net.advance('40s')
  })

  test('every message twice is every message once', async () => {
    const { net, phone } = await network()
    net.filter = () => 2
    const call = await phone.invite(dial('answers'))
    expect((await call.bye()).status).toBe(200)
    await net.advance('5s')
    const answers = call.responses.filter(({ status }) => status === 200)
    expect(new Set(answers.map(({ toTag }) => toTag)).size).toBe(1)
    expect(sentTo(net, PHONE, 'BYE ')).toEqual([])
  })

  test('may come from a failure route, after a carrier has failed', async () => {
    const { net, phone } = await network()
    const call = await phone.invite(dial('in-the-end'))
    expect(call.statuses).toEqual([100, 200])
    expect((await call.bye()).status).toBe(200)
    expect(sentTo(net, CARRIER, 'BYE ')).toEqual([])
  })

  test('of another method is no call: nothing is repeated, and it has no Contact', async () => {
    const { net, phone } = await network()
    const call = await phone.send('MESSAGE', dial('answers'))
    await net.advance('5s')
    expect(call.statuses).toEqual([200])
    expect(header(call.final!.toWire(), 'Contact')).toBeUndefined()
    expect(net.stack.proxy.callees.size).toBe(0)
  })

  test('RFC 3261 §9.2: a CANCEL after it changes nothing', async () => {
    const { net, phone } = await network()
    const call = await phone.invite(dial('answers'))
    call.cancel()
    await net.advance('1s')
    expect(call.statuses).toEqual([100, 200])
    expect(sentTo(net, PHONE, 'SIP/2.0 200')).toHaveLength(2)
    expect((await call.bye()).status).toBe(200)
  })

  test('RFC 3261 §9.2: and the To tag of the answer to a CANCEL after it', async () => {
    const { net } = await network()
    const peer = new RawPeer(net)
    await peer.send({ ruri: dial('answers') })
    const tag = tagOf(peer)
    await peer.send(peer.request({ ruri: dial('answers'), method: 'CANCEL' }))
    expect(peer.summary).toEqual(['100', '200', '200'])
    expect(tagOf(peer)).toBe(tag)
  })
})

/** The To tag of the last 200. */
function tagOf(peer: RawPeer): string {
  return /;tag=(\S+)/.exec(header(peer.last(200), 'To')!)![1]!
}

/** A call that was answered here and acknowledged. `later` sends a request of it and says what it is answered. */
async function answeredCall() {
  const { net } = await network()
  const peer = new RawPeer(net)
  await peer.send({ ruri: dial('answers'), cseq: 3 })
  const to = tagOf(peer)
  let sent = 0
  const later = async (method: string, cseq: number, more: RawRequest = {}): Promise<string> => {
    const branch = `z9hG4bKlater${++sent}`
    await peer.send({ method, cseq, to, branch, ruri: 'sip:127.0.0.1:5080', ...more })
    const answer = peer.received.at(-1)!
    if (method === 'INVITE') await peer.send({ method: 'ACK', cseq, to, branch, ruri: 'sip:127.0.0.1:5080' })
    return /^SIP\/2.0 (\d+)/.exec(answer)![1]!
  }
  await peer.send({ method: 'ACK', cseq: 3, to, branch: 'z9hG4bKack', ruri: 'sip:127.0.0.1:5080' })
  return { net, peer, later }
}

describe('RFC 3261 §12.2.2: later requests of a call that was answered here', () => {
  test.each<[string, number]>([
    ['BYE', 200],
    ['INVITE', 488],
    ['UPDATE', 488],
    ['INFO', 405],
    ['MESSAGE', 405],
    ['REFER', 405],
  ])('%s is answered %d', async (method, status) => {
    const { net, phone } = await network()
    const call = await phone.invite(dial('answers'))
    const { status: answered, message } = await call.send(method)
    expect(answered).toBe(status)
    expect(message!.toTag).toBe(call.final!.toTag)
    expect(header(message!.toWire(), 'Allow')).toBe(status === 405 ? 'INVITE, ACK, CANCEL, BYE' : undefined)
    expect(net.log).toEqual([])
  })

  test('RFC 3261 §21.4.19: with a To tag that is nobody’s: 481', async () => {
    const { net } = await network()
    const peer = new RawPeer(net)
    await peer.send({ method: 'BYE', to: 'nobody', ruri: dial('answers') })
    expect(peer.summary).toEqual(['481'])
  })

  test('RFC 3261 §15.1.2: after its BYE all are answered 481', async () => {
    const { later } = await answeredCall()
    expect(await later('BYE', 4)).toBe('200')
    for (const [i, method] of ['BYE', 'PRACK', 'INVITE', 'UPDATE', 'INFO'].entries())
      expect(await later(method, 5 + i)).toBe('481')
    expect(await later('BYE', 1)).toBe('481')
  })

  test('RFC 3261 §13.3.1.4: and after the BYE of ours, since no ACK came', async () => {
    const { net } = await network()
    const peer = new RawPeer(net)
    await peer.send({ ruri: dial('answers') })
    const to = tagOf(peer)
    await net.advance('32s')
    expect(peer.summary.at(-1)).toBe('BYE')
    await peer.send({ method: 'BYE', to, branch: 'z9hG4bKlate', cseq: 2, ruri: 'sip:127.0.0.1:5080' })
    expect(peer.summary.at(-1)).toBe('481')
    await net.advance('40s')
  })

  test('a CSeq that falls is answered 500, and changes nothing', async () => {
    const { later } = await answeredCall()
    expect(await later('BYE', 2)).toBe('500')
    expect(await later('INVITE', 5)).toBe('488')
    expect(await later('BYE', 4)).toBe('500')
    expect(await later('UPDATE', 4)).toBe('500')
    expect(await later('BYE', 5)).toBe('200')
  })

  test('RFC 3261 §8.2.2.3: what requires an extension is answered 420, and names it', async () => {
    const { peer, later } = await answeredCall()
    const lines = ['Require: foo, 100rel', 'Require: bar']
    for (const method of ['INVITE', 'UPDATE', 'BYE']) {
      expect(await later(method, 4, { lines })).toBe('420')
      expect(header(peer.last(420), 'Unsupported')).toBe('foo, 100rel, bar')
    }
    expect(await later('INFO', 5, { lines })).toBe('405')
    expect(await later('BYE', 6, { lines: ['Require:'] })).toBe('200')
  })

  test('of another caller, who has guessed the tag, are answered 481 and end nothing', async () => {
    const { later } = await answeredCall()
    expect(await later('BYE', 4, { callId: 'another' })).toBe('481')
    expect(await later('BYE', 4, { from: 'another' })).toBe('481')
    expect(await later('BYE', 4)).toBe('200')
  })

  test('also when they come along a Route of ours', async () => {
    const { net } = await network()
    const peer = new RawPeer(net)
    await peer.send({ ruri: dial('answers'), lines: ['Route: <sip:127.0.0.1:5080;lr>'] })
    const to = tagOf(peer)
    const later = { to, ruri: 'sip:127.0.0.1:5080', lines: ['Route: <sip:127.0.0.1:5080;lr>'] }
    await peer.send({ ...later, method: 'ACK', branch: 'z9hG4bKack' })
    expect(net.stack.proxy.callees.size).toBe(0)
    await peer.send({ ...later, method: 'BYE', branch: 'z9hG4bKbye', cseq: 2 })
    expect(peer.summary).toEqual(['100', '200', '200'])
  })
})

test('RFC 3261 §9.2: a caller that cancels while it rings here gets 487', async () => {
  const { net, phone } = await network(ringing())
  const call = phone.dial(dial('in-the-end'))
  await net.advance('1s')
  call.cancel()
  await net.until(call.answered)
  expect(call).toBeAnsweredWith(487)
  expect(logged(net, 'warn')).toEqual([])
})

test('RFC 3261 §8.2.2.2: the same call come by another way is answered 482, and one that comes anew is answered', async () => {
  const { net } = await network()
  const peer = new RawPeer(net)
  const answered = async (branch: string, callId = 'merged'): Promise<string> => {
    await peer.send({ ruri: dial('answers'), branch, callId })
    return peer.received.at(-1)!.split('\r\n', 1)[0]!
  }
  expect(await answered('z9hG4bKone')).toBe('SIP/2.0 200 Here')
  expect(await answered('z9hG4bKtwo')).toBe('SIP/2.0 482 Loop Detected')
  expect(await answered('z9hG4bKthree', 'another')).toBe('SIP/2.0 200 Here')
})
