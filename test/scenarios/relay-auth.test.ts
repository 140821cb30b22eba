/** `relay({ auth })` and `fork(list, { auth })`, what the dialog remembers of it, and failure routes that answer every branch of a fork. */
import {
  answer,
  challenge,
  Dialog,
  forks,
  inTurn,
  reject,
  ringing,
  silent,
  simulate,
  type Behaviour,
} from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { Field } from '../../packages/core/src/message/field.ts'
import { H } from '../../packages/core/src/message/header-names.ts'
import { makeResponse } from '../../packages/core/src/message/reply.ts'
import type { ServerTransaction } from '../../packages/core/src/transaction/layer.ts'
import { ask } from './behaviours.ts'
import { RawPeer } from './raw-peer.ts'
import { branch, CARRIER, cseq, digestParam, header, logged, requestUri, SECOND, sentTo } from './wire.ts'

const routes = 'test/scenarios/routes/relay-auth.ts'
const account = { realm: 'carrier', username: 'test', password: 'test' }
const asks = challenge(account)

const CALLEE = '127.0.0.2:5060'

/** What the callee of a call answers that an earlier process of the proxy sent on, raised by one. */
function answerToEarlier(method: string): string {
  return [
    'SIP/2.0 200 OK',
    'Via: SIP/2.0/UDP 127.0.0.1:5080;branch=z9hG4bKearlier.3~1.x;rport',
    'Via: SIP/2.0/UDP 127.0.0.3:5060;branch=z9hG4bKcaller',
    'From: <sip:alice@127.0.0.3>;tag=a',
    'To: <sip:bob@127.0.0.1>;tag=b',
    'Call-ID: earlier',
    `CSeq: 2 ${method}`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
}

const callTo = (user: string): string => `sip:${user}@127.0.0.1:5080`

async function network(first: Behaviour, second: Behaviour = answer()) {
  const net = await simulate({ routes, credentials: [account] })
  const carrier = net.uas(CARRIER, first)
  return { net, carrier, other: net.uas(SECOND, second), phone: net.uac('127.0.0.1:15060') }
}

async function establishedCall(user = 'bob', first: Behaviour = asks) {
  const parts = await network(first)
  const call = await parts.phone.invite(callTo(user))
  expect(call).toBeAnsweredWith(200)
  return { ...parts, call }
}

describe('RFC 3261 §22.2: relay({ auth })', () => {
  test.each(['bob', 'configured', 'in-vars'])('answers the challenge by itself: %s', async (user) => {
    const { net, call } = await establishedCall(user)
    expect(call.statuses).toEqual([100, 180, 200])
    expect(sentTo(net, CARRIER, 'INVITE ').map(cseq)).toEqual([1, 2])
    expect((await call.bye()).status).toBe(200)
    expect(net.stack.proxy.dialogs.size).toBe(0)
  })

  test.each(['MESSAGE', 'OPTIONS'])('Case 29: a challenged %s is answered like an INVITE', async (method) => {
    const { net, phone } = await network(asks)
    expect((await phone.send(method, callTo('bob'))).status).toBe(200)
    expect(sentTo(net, CARRIER, `${method} `).map(cseq)).toEqual([1, 2])
    expect(net.stack.proxy.dialogs.size).toBe(0)
  })

  test.each([
    ['empty', 500, 0],
    ['empty-later', 407, 1],
  ])('credentials that name nobody are refused where they are given: %s', async (user, status, sent) => {
    const { net, phone } = await network(asks)
    expect(await phone.invite(callTo(user))).toBeAnsweredWith(status)
    expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(sent)
    expect(logged(net, 'error')).toEqual([expect.stringContaining('credentials are { username, password }')])
  })

  test.each([
    ['INVITE', 'bob', 0, 'auth'],
    ['INVITE', 'chosen', 0, 'uac.auth'],
    ['OPTIONS', 'bob', 0, 'auth'],
    ['INVITE', 'chosen', 1, 'uac.auth'],
  ])(
    'RFC 3261 §8.1.1.5: a %s to %s, %i below the highest CSeq: no more repeats than numbers',
    async (method, user, below, who) => {
      const { net } = await network(challenge({ ...account, stale: 1 }))
      const peer = new RawPeer(net)
      await peer.send({ method, ruri: callTo(user), cseq: 2 ** 31 - 1 - below })
      await net.advance('1s')
      const numbers = below === 0 ? [2 ** 31 - 1] : [2 ** 31 - 2, 2 ** 31 - 1]
      expect(sentTo(net, CARRIER, `${method} `).map(cseq)).toEqual(numbers)
      expect(peer.summary.at(-1)).toBe('407')
      expect(logged(net, 'info')).toEqual([`${who}: no CSeq is left for a repeat`])
    },
  )

  test('a rejected password ends with the carrier’s answer at the caller, and nothing is remembered', async () => {
    const { net, phone } = await network(challenge({ ...account, password: 'another' }))
    const call = await phone.invite(callTo('bob'))
    expect(call.statuses).toEqual([100, 407])
    expect(sentTo(net, CARRIER, 'INVITE ')).toHaveLength(2)
    expect(logged(net, 'info')).toEqual(['auth: the credentials of "test" were rejected'])
    expect(net.stack.proxy.dialogs.size).toBe(0)
  })

  test('what cannot be answered goes to the failure route that is armed beside', async () => {
    const { net, phone } = await network(asks)
    expect((await phone.invite(callTo('other-realm'))).status).toBe(407)
    expect(logged(net, 'info')).toEqual(['auth: no credentials for realm "carrier"', 'failed: 407'])
  })

  test('the digest is over the Request-URI that the branch route left, and the retry leaves with it', async () => {
    const { net } = await establishedCall('stamped')
    const retry = sentTo(net, CARRIER, 'INVITE ')[1]!
    expect(requestUri(retry)).toBe('sip:0049@127.0.0.1:5080')
    expect(digestParam(header(retry, 'Proxy-Authorization'), 'uri')).toBe('sip:0049@127.0.0.1:5080')
  })

  test.each(['MD5', 'SHA-256'])(
    'so it is where the branch route writes another URI and body each time: %s',
    async (algorithm) => {
      const strict = challenge({ ...account, qop: 'auth-int', algorithm })
      const { net, phone } = await network(strict)
      expect((await phone.invite(callTo('rewritten'))).status).toBe(200)
      const retry = sentTo(net, CARRIER, 'INVITE ')[1]!
      expect(digestParam(header(retry, 'Proxy-Authorization'), 'uri')).toBe(requestUri(retry))
      // The ACK repeats what the INVITE left with.
      expect(header(sentTo(net, CARRIER, 'ACK ')[1]!, 'Proxy-Authorization')).toBe(header(retry, 'Proxy-Authorization'))
    },
  )

  test.each([
    ['ruri-kept', 'sip:0049@gw.example'],
    ['ruri-edited', 'sip:later@gw.example'],
  ])('the Request-URI of the branch is the route’s to edit: %s', async (user, expected) => {
    const { net } = await establishedCall(user)
    const retry = sentTo(net, CARRIER, 'INVITE ')[1]!
    expect([requestUri(retry), digestParam(header(retry, 'Proxy-Authorization'), 'uri')]).toEqual([expected, expected])
  })

  test('RFC 3261 §22.3: the caller’s own credentials for that realm make way, others stay', async () => {
    const { net, phone } = await network(asks)
    const own = (realm: string): string => `Digest username="alice", realm="${realm}", nonce="n", uri="x", response="y"`
    const headers = { 'Proxy-Authorization': own('carrier'), Authorization: own('carrier') }
    expect((await phone.invite(callTo('bob'), { headers })).status).toBe(200)
    const retry = sentTo(net, CARRIER, 'INVITE ')[1]!
    expect(retry.match(/^Proxy-Authorization:/gim)).toHaveLength(1)
    expect(header(retry, 'Authorization')).toBe(own('carrier'))
  })

  test('an edit after uac.auth() is in the digest too', async () => {
    const { net } = await establishedCall('edited')
    const retry = sentTo(net, CARRIER, 'INVITE ')[1]!
    expect(digestParam(header(retry, 'Proxy-Authorization'), 'uri')).toBe(requestUri(retry))
    expect(requestUri(retry)).toBe('sip:later@127.0.0.1:5080')
  })

  test('Case 32: the authenticated INVITE is repeated to the byte', async () => {
    const { net, phone } = await network(inTurn(ask('nonce="1"'), silent()))
    const call = phone.dial(callTo('bob'))
    await net.advance('4s')
    const [, ...copies] = sentTo(net, CARRIER, 'INVITE ')
    expect(copies.length).toBeGreaterThan(3)
    expect(new Set(copies).size).toBe(1)
    await net.until(call.answered)
    expect(call.status).toBe(408)
  })
})

describe('RFC 3261 §9.1: the caller hangs up', () => {
  test('Case 22: CANCEL and ACK to the 487 have the branch and the CSeq of the authenticated leg', async () => {
    const { net, phone } = await network(challenge({ ...account, next: ringing() }))
    const call = phone.dial(callTo('bob'))
    await net.advance('1s')
    call.cancel()
    await net.until(call.answered)
    expect([call.status, header(call.final!.toWire(), 'CSeq')]).toEqual([487, '1 INVITE'])
    const leg = sentTo(net, CARRIER, 'INVITE ')[1]!
    for (const wire of [sentTo(net, CARRIER, 'CANCEL ')[0]!, sentTo(net, CARRIER, 'ACK ')[1]!]) {
      expect([branch(wire), cseq(wire)]).toEqual([branch(leg), 2])
    }
  })

  test('Case 28: before the challenge comes: nothing is sent again', async () => {
    const slow: Behaviour = (incoming) => {
      incoming.answer(180)
      incoming.after(1_000, () => ask('nonce="1"')(incoming))
    }
    const { net, phone } = await network(slow)
    const call = phone.dial(callTo('bob'))
    net.filter = ({ to, wire }) => (to === CARRIER && wire.startsWith('CANCEL ') ? 0 : 1)
    await net.advance(100)
    call.cancel()
    await net.until(call.answered)
    expect(call.status).toBe(487)
    expect(new Set(sentTo(net, CARRIER, 'INVITE ')).size).toBe(1)
  })
})

describe('RFC 3261 §16.7: who is tried next', () => {
  test('Case 25: gateway 1 says 503, gateway 2 challenges: the retry goes to gateway 2', async () => {
    const { net, phone } = await network(reject(503), asks)
    expect((await phone.invite(callTo('failover'))).status).toBe(200)
    expect(sentTo(net, CARRIER, 'INVITE ').map(cseq)).toEqual([1])
    expect(sentTo(net, SECOND, 'INVITE ').map(cseq)).toEqual([1, 2])
    expect(sentTo(net, SECOND, 'ACK ').map(cseq)).toEqual([1, 2])
  })

  test('Case 24: a carrier that is tried later and does not challenge sees the plain CSeq', async () => {
    const { net, phone } = await network(challenge({ ...account, next: reject(503) }))
    const call = await phone.invite(callTo('then-plain'))
    expect(call).toBeAnsweredWith(200)
    expect((await call.bye()).status).toBe(200)
    expect(sentTo(net, CARRIER, 'INVITE ').map(cseq)).toEqual([1, 2])
    const plain = ['INVITE ', 'ACK ', 'BYE '].flatMap((start) => sentTo(net, SECOND, start))
    expect(plain.map(cseq)).toEqual([1, 1, 2])
    expect(plain.every((wire) => header(wire, 'Proxy-Authorization') === undefined)).toBe(true)
    expect(net.stack.proxy.dialogs.size).toBe(0)
  })
})

describe('RFC 3261 §16.7: a fork whose branches challenge', () => {
  const www = challenge({ ...account, status: 401, realm: 'second', next: reject(486) })

  test('Case 27: each is answered at once, with nothing of the other’s', async () => {
    const { net, phone } = await network(asks, www)
    const call = phone.dial(callTo('both'))
    await net.until(call.answered)
    expect(call.status).toBe(200)
    expectEachItsOwn(net)
  })

  test('Case 27: by one uac.auth() in the failure route', async () => {
    const { net, phone } = await network(asks, www)
    const call = await phone.invite(callTo('fork-then-auth'))
    expect(call.status).toBe(200)
    expectEachItsOwn(net)
  })

  test('one that only refused is not tried again', async () => {
    const { net, phone } = await network(asks, reject(486))
    expect((await phone.invite(callTo('fork-then-auth'))).status).toBe(200)
    expect(sentTo(net, SECOND, 'INVITE ')).toHaveLength(1)
  })

  test('two that answer: each ACK has the credentials of its own callee', async () => {
    const { net, phone } = await network(asks, challenge({ ...account, realm: 'second' }))
    net.filter = ({ wire }) => (wire.startsWith('CANCEL ') ? 0 : 1)
    const call = phone.dial(callTo('both'))
    await net.advance(100)
    const answers = call.responses.filter(({ status }) => status === 200)
    expect(answers).toHaveLength(2)
    for (const each of answers) Dialog.ofCaller(phone, call.request, each).acknowledge(call.request)
    await net.advance(100)
    const realms = [CARRIER, SECOND].map((at) => [
      ...new Set(
        sentTo(net, at, 'ACK ')
          .slice(1)
          .map((wire) => digestParam(header(wire, 'Proxy-Authorization'), 'realm')),
      ),
    ])
    expect(realms).toEqual([['carrier'], ['second']])
  })

  function expectEachItsOwn(net: Awaited<ReturnType<typeof network>>['net']): void {
    const [first, second] = [CARRIER, SECOND].map((at) => sentTo(net, at, 'INVITE '))
    expect([first!.map(cseq), second!.map(cseq)]).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect(digestParam(header(first![1]!, 'Proxy-Authorization'), 'realm')).toBe('carrier')
    expect(header(first![1]!, 'Authorization')).toBeUndefined()
    expect(digestParam(header(second![1]!, 'Authorization'), 'realm')).toBe('second')
    expect(header(second![1]!, 'Proxy-Authorization')).toBeUndefined()
  }
})

describe('RFC 3261 §12.2.1.1: the dialog after it', () => {
  test('Case 21: every later request to the carrier is shifted, nothing towards the caller is', async () => {
    const { net, carrier, call } = await establishedCall()
    for (const method of ['INFO', 'UPDATE', 'INVITE', 'BYE']) {
      if (method === 'BYE') expect((await carrier.dialogs[0]!.request('INFO')).status).toBe(200)
      const { status, message } = await call.send(method)
      const at = sentTo(net, CARRIER, `${method} `).at(-1)!
      expect([status, cseq(at)]).toEqual([200, cseq(message!.toWire()) + 1])
    }
    expect(sentTo(net, CARRIER, 'ACK ').map(cseq)).toEqual([1, 2, 5])
    expect(sentTo(net, '127.0.0.1:15060', 'INFO ').map(cseq)).toEqual([101])
    expect(net.stack.proxy.dialogs.size).toBe(0)
  })

  test('Case 23: a challenged re-INVITE: its ACKs fit, the shift is two from then on, no header of ours is on the wire', async () => {
    const { net, carrier, call } = await establishedCall()
    carrier.inDialog = inTurn(asks, asks, answer())
    expect((await call.send('INVITE')).status).toBe(200)
    expect(sentTo(net, CARRIER, 'INVITE ').map(cseq)).toEqual([1, 2, 3, 4])
    expect(sentTo(net, CARRIER, 'ACK ').map(cseq)).toEqual([1, 2, 3, 4])
    const [challenged, retry] = sentTo(net, CARRIER, 'INVITE ').slice(2)
    const [toChallenge] = sentTo(net, CARRIER, 'ACK ').slice(2)
    expect(branch(toChallenge!)).toBe(branch(challenged!))
    expect(branch(retry!)).not.toBe(branch(challenged!))
    expect(retry).not.toMatch(/^P-K-|^X-/im)
    expect((await call.send('INFO')).status).toBe(200)
    expect((await call.bye()).status).toBe(200)
    expect(sentTo(net, CARRIER, 'INFO ').map(cseq)).toEqual([5])
    expect(sentTo(net, CARRIER, 'BYE ').map(cseq)).toEqual([6])
    expect(net.stack.proxy.dialogs.size).toBe(0)
  })

  test('RFC 3262 §7.2: a PRACK within a challenged re-INVITE names the INVITE that the carrier saw', async () => {
    const { net, carrier, phone, call } = await establishedCall()
    const reliable: Behaviour = (incoming) => {
      incoming.answer(183, { Require: '100rel', RSeq: '5' })
      incoming.after(1_000, () => incoming.answer(200))
    }
    const reinvite = call.dialog!.make('INVITE')
    phone.sendRequest(reinvite, {
      response: () => undefined,
      timeout: () => undefined,
      transportError: () => undefined,
    })
    carrier.inDialog = inTurn(ask('nonce="1"'), reliable, answer({ ring: false }))
    await net.advance(100)
    await call.send('PRACK', { headers: { RAck: '5 2 INVITE' } })
    expect(sentTo(net, CARRIER, 'INVITE ').map(cseq)).toEqual([1, 2, 3, 4])
    expect(header(sentTo(net, CARRIER, 'PRACK ')[0]!, 'RAck')).toBe('5 4 INVITE')
    await net.advance('2s')
  })

  test('an ACK that comes after a later request was raised again has the CSeq of its INVITE', async () => {
    const { net, carrier, call } = await establishedCall()
    carrier.inDialog = inTurn(ask('nonce="1"'), answer({ ring: false }))
    expect((await call.send('INFO')).status).toBe(200)
    call.dialog!.acknowledge(call.request)
    await net.advance(10)
    expect(sentTo(net, CARRIER, 'ACK ').map(cseq)).toEqual([1, 2, 2])
  })

  test('two passes of a spiral that were both challenged: the ACK and what follows are raised by both', async () => {
    const both = challenge({ ...account, next: challenge({ ...account, realm: 'outer', status: 401 }) })
    const { net, call } = await establishedCall('spiral', both)
    expect((await call.send('INFO')).status).toBe(200)
    const [invite, ack, info] = ['INVITE ', 'ACK ', 'INFO '].map((start) => cseq(sentTo(net, CARRIER, start).at(-1)!))
    expect([invite, ack, info]).toEqual([3, 3, 4])
  })

  test('Case 30: the ACK to the 2xx carries the credentials of its INVITE, and no later request does', async () => {
    const { net, call } = await establishedCall()
    const ofInvite = header(sentTo(net, CARRIER, 'INVITE ')[1]!, 'Proxy-Authorization')
    expect(header(sentTo(net, CARRIER, 'ACK ')[1]!, 'Proxy-Authorization')).toBe(ofInvite)
    await call.send('INFO')
    expect(header(sentTo(net, CARRIER, 'INFO ')[0]!, 'Proxy-Authorization')).toBeUndefined()
  })

  test.each(['INFO', 'INVITE', 'BYE'])('what answered the INVITE answers a challenged %s', async (method) => {
    const { net, carrier, call } = await establishedCall()
    carrier.inDialog = inTurn(ask('nonce="2"'), answer({ ring: false }))
    expect((await call.send(method)).status).toBe(200)
    const [first, second] = sentTo(net, CARRIER, `${method} `).slice(method === 'INVITE' ? 2 : 0)
    expect([cseq(first!), cseq(second!)]).toEqual([3, 4])
    expect(digestParam(header(second!, 'Proxy-Authorization'), 'nonce')).toBe('2')
  })

  test('and in a failure route it is what uac.auth() takes without an argument', async () => {
    const { net, carrier, call } = await establishedCall()
    carrier.inDialog = inTurn(ask('nonce="2"'), answer({ ring: false }))
    expect((await call.send('INFO', { headers: { 'X-Ask-The-Route': '1' } })).status).toBe(200)
    expect(logged(net, 'info')).toEqual(['in dialog: true'])
    expect((await call.bye()).status).toBe(200)
    expect(sentTo(net, CARRIER, 'BYE ').map(cseq)).toEqual([5])
  })

  test('requests of the callee are counted by themselves', async () => {
    const { net, carrier, call } = await establishedCall()
    carrier.inDialog = inTurn(ask('nonce="2"'), answer({ ring: false }))
    await call.send('INFO')
    const { status, message } = await carrier.dialogs[0]!.request('BYE')
    expect([status, header(message!.toWire(), 'CSeq')]).toEqual([200, '101 BYE'])
    expect(sentTo(net, '127.0.0.1:15060', 'BYE ').map(cseq)).toEqual([101])
    expect(net.stack.proxy.dialogs.size).toBe(0)
  })

  test('kill -9 loses what was raised since the call began, and nothing else: that is said', async () => {
    const { net, carrier, call } = await establishedCall()
    carrier.inDialog = inTurn(ask('nonce="2"'), answer({ ring: false }))
    await call.send('INFO')
    net.restart()
    expect((await call.bye()).status).toBe(200)
    expect(sentTo(net, CARRIER, 'INFO ').map(cseq)).toEqual([3, 4])
    expect(sentTo(net, CARRIER, 'BYE ').map(cseq)).toEqual([4])
  })
})

/** What a caller answers who wants the trunk's password on a nonce of his own. */
function challengesBack(transaction: ServerTransaction): void {
  const response = makeResponse(transaction.request, 407, '', 'mallory')
  response.append(Field.make(H.ProxyAuthenticate, 'Digest realm="carrier", nonce="his"'))
  transaction.respond(response)
}

describe('RFC 3261 §22.3: whose challenges are answered', () => {
  test.each(['INVITE', 'INFO', 'BYE'])('not those of the caller: his realm may be anyone’s (%s)', async (method) => {
    const { net, carrier, phone } = await establishedCall()
    Object.assign(phone, { called: challengesBack })
    const { status } = await carrier.dialogs[0]!.request(method)
    expect(status).toBe(407)
    expect(sentTo(net, '127.0.0.1:15060', `${method} `)).toHaveLength(1)
    expect(sentTo(net, '127.0.0.1:15060', '').join()).not.toContain('uthorization: Digest')
  })

  test.each(['bob', 'chosen'])('of another realm later in the dialog, too, where none was named: %s', async (user) => {
    const { net, carrier, call } = await establishedCall(user)
    carrier.inDialog = challenge({ ...account, realm: 'sbc2' })
    expect((await call.bye()).status).toBe(200)
    expect(digestParam(header(sentTo(net, CARRIER, 'BYE ')[1]!, 'Proxy-Authorization'), 'realm')).toBe('sbc2')
  })
})

describe('RFC 3261 §12: what is remembered is bounded, and each dialog’s own', () => {
  test('a dialog of thousands of requests, each relayed with auth, remembers no more than one', async () => {
    const { net, carrier, call } = await establishedCall()
    for (let i = 0; i < 3_000; i++) await call.send('INFO', { headers: { 'X-With-Auth': '1' } })
    carrier.inDialog = challenge({ ...account, realm: 'another' })
    expect((await call.bye()).status).toBe(200)
    expect(net.stack.proxy.dialogs.size).toBe(0)
  })

  test('of a fork answered twice, one BYE forgets one', async () => {
    const { net, carrier, phone } = await network(asks, challenge({ ...account, realm: 'second' }))
    net.filter = ({ wire }) => (wire.startsWith('CANCEL ') ? 0 : 1)
    const call = phone.dial(callTo('both'))
    await net.advance(100)
    const answers = call.responses.filter(({ status }) => status === 200)
    const [one, two] = answers.map((each) => Dialog.ofCaller(phone, call.request, each))
    one!.acknowledge(call.request)
    two!.acknowledge(call.request)
    expect(net.stack.proxy.dialogs.size).toBe(2)
    expect((await two!.request('BYE')).status).toBe(200)
    expect(net.stack.proxy.dialogs.size).toBe(1)
    carrier.inDialog = inTurn(ask('nonce="2"'), answer({ ring: false }))
    expect((await one!.request('INFO')).status).toBe(200)
    expect((await one!.request('BYE')).status).toBe(200)
    expect(net.stack.proxy.dialogs.size).toBe(0)
  })

  test('of a call that was answered twice beyond the carrier, each dialog remembers: its ACK and its BYE are let in', async () => {
    const answers = forks(answer({ after: '1s' }), answer({ after: '2s' }))
    const { net, carrier, phone } = await network(challenge({ ...account, next: answers }))
    carrier.inDialog = asks
    const call = await phone.invite(callTo('bob'))
    await net.advance('5s')
    const acks = sentTo(net, CARRIER, 'ACK ').slice(1)
    expect(acks.map((wire) => digestParam(header(wire, 'Proxy-Authorization'), 'realm'))).toEqual([
      'carrier',
      'carrier',
    ])
    expect(call.dialogs).toHaveLength(2)
    for (const dialog of call.dialogs) expect((await dialog.request('BYE')).status).toBe(200)
    expect(net.stack.proxy.dialogs.size).toBe(0)
  })

  test('a 2xx that comes once more brings back no dialog that is over', async () => {
    const answers = forks(answer({ after: '1s' }), answer({ after: '2s' }))
    const { net, phone } = await network(challenge({ ...account, next: answers }))
    const call = phone.dial(callTo('bob'))
    net.filter = ({ wire }) => (/^ACK .*\r\n(?:.*\r\n)*CSeq: 2 /.test(wire) ? 0 : 1)
    await net.advance('3s')
    for (const dialog of call.dialogs) expect((await dialog.request('BYE')).status).toBe(200)
    const before = call.responses.length
    await net.advance('5s')
    expect(call.responses.length).toBeGreaterThan(before)
    expect(net.stack.proxy.dialogs.size).toBe(0)
  })

  test('two requests under way at once that are both challenged get numbers of their own', async () => {
    const { net, carrier, phone, call } = await establishedCall()
    const slow =
      (next: Behaviour): Behaviour =>
      (incoming) =>
        incoming.after(100, () => next(incoming))
    carrier.inDialog = inTurn(slow(ask('nonce="2"')), slow(ask('nonce="3"')), answer({ ring: false }))
    const nobody = { response: () => undefined, timeout: () => undefined, transportError: () => undefined }
    phone.sendRequest(call.dialog!.make('INFO'), nobody)
    phone.sendRequest(call.dialog!.make('MESSAGE'), nobody)
    await net.advance('1s')
    const numbers = [...sentTo(net, CARRIER, 'INFO '), ...sentTo(net, CARRIER, 'MESSAGE ')].map(cseq)
    expect(numbers.toSorted((a, b) => a - b)).toEqual([3, 4, 5, 6])
    expect((await call.bye()).status).toBe(200)
    expect(sentTo(net, CARRIER, 'BYE ').map(cseq)[0]).toBeGreaterThan(6)
  })
})

describe('RFC 3261 §16.11: an answer that finds no transaction after a restart', () => {
  const later: Behaviour = (incoming) => {
    incoming.answer(180)
    incoming.after(2_000, () => incoming.answer(200))
  }

  test('goes on to the caller, shifted back: the call that rang stands', async () => {
    const { net, phone } = await network(challenge({ ...account, next: later }))
    const call = phone.dial(callTo('bob'))
    await net.advance('1s')
    expect(branch(sentTo(net, CARRIER, 'INVITE ')[1]!)).toContain('~1.')
    net.restart()
    await net.until(call.answered)
    expect([call.status, header(call.final!.toWire(), 'CSeq')]).toEqual([200, '1 INVITE'])
    expect((await call.bye()).status).toBe(200)
    expect(sentTo(net, CARRIER, 'BYE ').map(cseq)).toEqual([3])
  })

  test.each([
    ['in the first minutes', '1s', 1],
    ['not when nobody could still wait for it', '250s', 0],
  ])('%s', async (_, since, times) => {
    const { net } = await network(answer())
    net.restart()
    await net.advance(since)
    const caller = new RawPeer(net, '127.0.0.3:5060')
    const carrier = new RawPeer(net, CALLEE)
    await carrier.send(answerToEarlier('INVITE'))
    expect(caller.received.map((wire) => [wire.split('\r\n', 1)[0], header(wire, 'CSeq')])).toEqual(
      Array(times).fill(['SIP/2.0 200 OK', '1 INVITE']),
    )
  })

  test.each([
    ['the answer to a CANCEL', answerToEarlier('CANCEL')],
    ['one whose Via is not ours', answerToEarlier('INVITE').replace('127.0.0.1:5080', '127.0.0.9:5080')],
    ['one whose branch is not ours', answerToEarlier('INVITE').replace('z9hG4bKearlier.3~1.x', 'z9hG4bK-other')],
    ['one below whose Via stands a name', answerToEarlier('INVITE').replace('127.0.0.3:5060', 'caller.example')],
    ['a challenge, which nobody can answer any more', answerToEarlier('INVITE').replace('200 OK', '407 No')],
    ['a 100', answerToEarlier('INVITE').replace('200 OK', '100 Trying')],
  ])('but %s does not', async (_, wire) => {
    const { net } = await network(answer())
    net.restart()
    const caller = new RawPeer(net, '127.0.0.3:5060')
    await new RawPeer(net, CALLEE).send(wire)
    expect(caller.received).toEqual([])
  })
})

test('Case 31: the caller’s own Proxy-Authorization stays here where the route takes it off', async () => {
  const { net, phone } = await network(answer())
  const headers = { 'Proxy-Authorization': 'Digest username="alice", realm="us", nonce="n", uri="x", response="y"' }
  await phone.invite(callTo('no-credentials-on'), { headers })
  expect(header(sentTo(net, CARRIER, 'INVITE ')[0]!, 'Proxy-Authorization')).toBeUndefined()
})
