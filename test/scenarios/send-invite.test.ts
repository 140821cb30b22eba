/** A call of the proxy's own (RFC 3261 §13.2): its 2xx is acknowledged, its failure too, and what nobody waits for any more is ended. */
import { answer, challenge, reject, ringing, silent, type Incoming } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { PEER, sending } from './sending.ts'
import { branch, header, loseFirst, going, requestUri, SECOND, sentTo } from './wire.ts'

const account = { username: 'test', password: 'test' }
const call = { method: 'INVITE', from: { uri: 'sip:me@127.0.0.1', tag: 'mine' } }

test('Case 55: the ACK to a 2xx has a branch of its own and Max-Forwards, and goes to the Contact along the Record-Route', async () => {
  const { net, send } = await sending((incoming) => {
    const routes = `<sip:far.example;lr>, <sip:${SECOND};lr>`
    incoming.answer(200, { 'Record-Route': routes })
  })
  const res = await send({ ...call, cseq: 7 })
  expect(res.status).toBe(200)
  await net.advance('1s')
  const [invite, ...again] = sentTo(net, SECOND, 'INVITE ')
  const [ack, ...more] = sentTo(net, SECOND, 'ACK ')
  expect([again, more]).toEqual([[], []])
  expect(header(invite!, 'Contact')).toBe('<sip:127.0.0.1:5080>')
  expect(requestUri(ack!)).toBe(`sip:${SECOND}`)
  expect(branch(ack!)).not.toBe(branch(invite!))
  expect(ack!.match(/^Route: .*$/gm)).toEqual([`Route: <sip:${SECOND};lr>`, 'Route: <sip:far.example;lr>'])
  const names = ['Max-Forwards', 'CSeq', 'Call-ID', 'From', 'To']
  expect(names.map((name) => header(ack!, name))).toEqual([
    '70',
    '7 ACK',
    header(invite!, 'Call-ID'),
    header(invite!, 'From'),
    res.to.toString(),
  ])
})

test('Case 55: a BYE is sent from what the result tells', async () => {
  const { net, peer, send } = await sending(answer())
  const res = await send(call)
  const { callId, cseq, contact, from, to } = res
  const bye = await send({
    method: 'BYE',
    ruri: contact!.uri,
    callId,
    cseq: cseq.number + 1,
    from: { uri: from.uri, tag: from.tag },
    to: { uri: to.uri, tag: to.tag },
  })
  expect(bye.status).toBe(200)
  expect(peer.received.map(({ method }) => method)).toEqual(['INVITE', 'ACK', 'BYE'])
  const [wire] = sentTo(net, SECOND, 'BYE ')
  expect(header(wire!, 'CSeq')).toBe('2 BYE')
  expect(peer.requests('BYE')[0]!.toTag).toBe(to.tag)
})

test('Case 55: a repeated 2xx is acknowledged again, by the same ACK', async () => {
  const { net, send } = await sending(answer())
  const lost = loseFirst(net, 2, going(SECOND, 'ACK '))
  expect((await send(call)).status).toBe(200)
  await net.advance('10s')
  expect(lost()).toBe(2)
  const acks = sentTo(net, SECOND, 'ACK ')
  expect([acks.length, new Set(acks).size]).toEqual([3, 1])
})

test('Case 55: the ACK carries the credentials that the INVITE had', async () => {
  const { net, send } = await sending(challenge({ realm: 'r', ...account }))
  expect((await send({ ...call, auth: account })).status).toBe(200)
  await net.advance(1)
  const invites = sentTo(net, SECOND, 'INVITE ')
  const [toChallenge, toSuccess] = sentTo(net, SECOND, 'ACK ')
  expect([header(toChallenge!, 'CSeq'), branch(toChallenge!)]).toEqual(['1 ACK', branch(invites[0]!)])
  expect(header(toSuccess!, 'CSeq')).toBe('2 ACK')
  expect(header(toSuccess!, 'Proxy-Authorization')).toBe(header(invites[1]!, 'Proxy-Authorization'))
})

test('RFC 3261 §17.1.1.3: a failure is acknowledged on the branch of the INVITE, and is the result', async () => {
  const { net, send } = await sending(reject(486))
  expect((await send(call)).status).toBe(486)
  const [invite, ack] = net.network.sent.filter(({ to }) => to === SECOND).map(({ wire }) => wire)
  expect([branch(ack!), header(ack!, 'CSeq')]).toEqual([branch(invite!), '1 ACK'])
})

describe('RFC 3261 §9.1: a call that is given up', () => {
  test('while it rings is cancelled', async () => {
    const { net, peer, send } = await sending(ringing())
    const res = await send({ ...call, timeout: '5s' })
    expect([res.status, res.local]).toEqual([408, true])
    await net.advance('1s')
    expect(peer.received.map(({ method }) => method)).toEqual(['INVITE', 'CANCEL'])
    const [invite] = sentTo(net, SECOND, 'INVITE ')
    const [cancel] = sentTo(net, SECOND, 'CANCEL ')
    expect([branch(cancel!), header(cancel!, 'CSeq')]).toEqual([branch(invite!), '1 CANCEL'])
    expect(sentTo(net, SECOND, 'ACK ')).toHaveLength(1)
  })

  test('by itself after timer C', async () => {
    const { net, send } = await sending(ringing())
    const started = net.clock.now()
    expect((await send(call)).status).toBe(408)
    expect(net.clock.now() - started).toBe(180_000)
    expect(sentTo(net, SECOND, 'CANCEL ')).toHaveLength(1)
  })

  test('before anything was heard is cancelled when it rings after all', async () => {
    const { net, send } = await sending((incoming) => incoming.after(3_000, () => incoming.answer(180)))
    expect((await send({ ...call, timeout: '2s' })).status).toBe(408)
    expect(sentTo(net, SECOND, 'CANCEL ')).toEqual([])
    await net.advance('2s')
    expect(sentTo(net, SECOND, 'CANCEL ')).toHaveLength(1)
  })

  test('to somebody who is not there leaves nothing behind', async () => {
    const { net, send } = await sending(silent())
    expect((await send(call)).status).toBe(408)
    expect(sentTo(net, SECOND, 'CANCEL ')).toEqual([])
  })

  test('RFC 3261 §22.2: a challenge to that BYE is answered with the credentials of the INVITE', async () => {
    const late = challenge({
      ...account,
      realm: 'r',
      next: (incoming) => incoming.after(3_000, () => incoming.answer(200)),
    })
    const { net, peer, send } = await sending(late)
    peer.inDialog = challenge({ ...account, realm: 'r', next: answer({ ring: false }) })
    net.filter = ({ wire }) => (wire.startsWith('CANCEL ') ? 0 : 1)
    expect((await send({ ...call, auth: account, timeout: '1s' })).status).toBe(408)
    await net.advance('5s')
    expect(sentTo(net, SECOND, 'BYE ').map((wire) => header(wire, 'CSeq'))).toEqual(['3 BYE', '4 BYE'])
    expect(header(sentTo(net, SECOND, 'BYE ')[1]!, 'Proxy-Authorization')).toContain('realm="r"')
  })

  test('and answered all the same is acknowledged, and ended with BYE', async () => {
    const { net, peer, send } = await sending((incoming) => incoming.after(3_000, () => incoming.answer(200)))
    expect((await send({ ...call, timeout: '2s' })).status).toBe(408)
    await net.advance('5s')
    expect(peer.received.map(({ method }) => method)).toEqual(['INVITE', 'ACK', 'BYE'])
    const [bye] = sentTo(net, SECOND, 'BYE ')
    expect([header(bye!, 'CSeq'), header(bye!, 'Max-Forwards'), requestUri(bye!)]).toEqual([
      '2 BYE',
      '70',
      `sip:${SECOND}`,
    ])
  })
})

test('RFC 3261 §13.2.2.4: of two callees that answer the first is the result, the other is acknowledged and ended', async () => {
  const { net, peer, send } = await sending((incoming: Incoming) => {
    incoming.answer(200)
    const first = net.network.sent.findLast(({ wire }) => wire.startsWith('SIP/2.0 200'))!
    net.network.put({ ...first, wire: first.wire.replace(/^(To: .*;tag=).*$/m, '$1other') })
  })
  const res = await send(call)
  await net.advance('1s')
  expect(res.to.tag).not.toBe('other')
  const acks = sentTo(net, SECOND, 'ACK ').map((wire) => /;tag=(.*)$/.exec(header(wire, 'To')!)![1])
  expect(acks.sort()).toEqual(['other', res.to.tag].sort())
  expect(sentTo(net, SECOND, 'BYE ').map((wire) => header(wire, 'To'))).toEqual([`<${PEER}>;tag=other`])
  expect(peer.requests('BYE')).toHaveLength(1)
})

test('RFC 3261 §15.1.2: the callee’s BYE to such a call is answered', async () => {
  const { net, peer, send } = await sending(answer())
  expect((await send({ method: 'INVITE' })).status).toBe(200)
  await net.advance(1)
  const bye = await peer.dialogs[0]!.request('BYE')
  expect(bye.status).toBe(200)
})
