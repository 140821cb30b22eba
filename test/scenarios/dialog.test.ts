/** What follows an INVITE: numbers that stay right towards a carrier that challenged, and loose routing that no route asks for. */
import {
  answer,
  challenge,
  Dialog,
  inTurn,
  ringing,
  simulate,
  type Simulation,
  type Uac,
  type Behaviour,
} from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { ask } from './behaviours.ts'
import { BOB, branch, CARRIER, cseq, header, logged, requestUri, SECOND, sentTo } from './wire.ts'

const routes = 'test/scenarios/routes/trunk.ts'
const account = { realm: 'carrier', username: 'test', password: 'test' }

async function authenticatedCall(file = routes) {
  const net = await simulate({ routes: file })
  const carrier = net.uas(CARRIER, challenge(account))
  const phone = net.uac('127.0.0.1:15060')
  const call = await phone.invite(BOB)
  expect(call).toBeAnsweredWith(200)
  return { net, carrier, phone, call }
}

/** The same dialog with a Route set of our own choice. */
function dialogWith(phone: Uac, routes: readonly string[], target = BOB): Dialog {
  const local = '<sip:alice@127.0.0.1>;tag=a'
  return new Dialog(phone, { callId: 'made-up', local, remote: '<sip:bob@127.0.0.1>;tag=b', target, routes, cseq: 7 })
}

describe('RFC 3261 §12.2.1.1: after an authenticated INVITE', () => {
  test('the caller counts on by itself, the carrier sees one more', async () => {
    const { net, call } = await authenticatedCall()
    for (const method of ['INFO', 'INVITE', 'BYE']) {
      const { status, message } = await call.send(method)
      expect(status).toBe(200)
      const number = { INFO: 2, INVITE: 3, BYE: 4 }[method]!
      expect(header(message!.toWire(), 'CSeq')).toBe(`${number} ${method}`)
      expect(sentTo(net, CARRIER, `${method} `).map(cseq).at(-1)).toBe(number + 1)
    }
    // To the 407, to the 200, to the 200 of the re-INVITE.
    expect(sentTo(net, CARRIER, 'ACK ').map(cseq)).toEqual([1, 2, 4])
  })

  test('requests from the callee are left alone, and so are their answers', async () => {
    const { net, carrier, phone } = await authenticatedCall()
    const { status, message } = await carrier.dialogs[0]!.request('INFO')
    expect(status).toBe(200)
    expect(header(message!.toWire(), 'CSeq')).toBe('101 INFO')
    expect(phone.received.map((request) => header(request.toWire(), 'CSeq'))).toEqual(['101 INFO'])
    expect((await carrier.dialogs[0]!.request('BYE')).status).toBe(200)
    expect(sentTo(net, '127.0.0.1:15060', 'BYE ').map(cseq)).toEqual([102])
  })

  test('nothing of it is lost by kill -9 and a new start', async () => {
    const { net, call } = await authenticatedCall()
    net.restart()
    const { status, message } = await call.bye()
    expect(status).toBe(200)
    expect(header(message!.toWire(), 'CSeq')).toBe('2 BYE')
    expect(sentTo(net, CARRIER, 'BYE ').map(cseq)).toEqual([3])
  })

  test('the failure route of the INVITE is not inherited, but its credentials answer a challenged BYE', async () => {
    const { net, carrier, call } = await authenticatedCall()
    carrier.inDialog = challenge(account)
    expect((await call.bye()).status).toBe(200)
    expect(sentTo(net, CARRIER, 'BYE ').map(cseq)).toEqual([3, 4])
  })

  test('a later call that is not challenged is plain', async () => {
    const net = await simulate({ routes })
    net.uas(CARRIER, inTurn(ask('nonce="1"'), answer()))
    const phone = net.uac()
    await phone.invite(BOB)
    const second = await phone.invite(BOB)
    expect((await second.bye()).status).toBe(200)
    const { callId } = second
    const plain = [...sentTo(net, CARRIER, 'INVITE '), ...sentTo(net, CARRIER, 'ACK '), ...sentTo(net, CARRIER, 'BYE ')]
    const ofSecond = plain.filter((wire) => header(wire, 'Call-ID') === callId)
    expect(ofSecond.map(cseq)).toEqual([1, 1, 2])
    expect(header(ofSecond[0]!, 'Record-Route')).toBe('<sip:127.0.0.1:5080;lr>')
  })

  test('RFC 3262 §7.2: a PRACK names the INVITE by the CSeq that the carrier saw', async () => {
    const net = await simulate({ routes })
    const reliable: Behaviour = (incoming) => {
      incoming.answer(183, { Require: '100rel', RSeq: '5' })
      incoming.after(1_000, () => incoming.answer(200))
    }
    net.uas(CARRIER, challenge({ ...account, next: reliable }))
    const phone = net.uac()
    const call = phone.dial(BOB)
    await net.advance(100)
    const early = Dialog.ofCaller(phone, call.request, call.responses.at(-1)!)
    expect((await early.request('PRACK', { headers: { RAck: '5 1 INVITE' } })).status).toBe(200)
    const prack = sentTo(net, CARRIER, 'PRACK ')[0]!
    expect([cseq(prack), header(prack, 'RAck')]).toEqual([3, '5 2 INVITE'])
    await net.until(call.answered)
  })

  test('RFC 3261 §13.2.2.4: the ACK of a re-INVITE that was challenged again fits its retry', async () => {
    const { net, carrier, call } = await authenticatedCall('test/scenarios/routes/trunk-in-dialog.ts')
    carrier.inDialog = challenge(account)
    expect((await call.send('INVITE')).status).toBe(200)
    expect(sentTo(net, CARRIER, 'INVITE ').map(cseq)).toEqual([1, 2, 3, 4])
    expect(sentTo(net, CARRIER, 'ACK ').map(cseq)).toEqual([1, 2, 3, 4])
  })
})

test('RFC 3261 §9.1: the CANCEL of an authenticated INVITE, and the ACK to its 487, have its branch and CSeq', async () => {
  const net = await simulate({ routes })
  net.uas(CARRIER, challenge({ ...account, next: ringing() }))
  const call = net.uac().dial(BOB)
  await net.advance('1s')
  call.cancel()
  await net.until(call.answered)
  expect(call.statuses).toEqual([100, 180, 487])
  expect(header(call.final!.toWire(), 'CSeq')).toBe('1 INVITE')
  const second = sentTo(net, CARRIER, 'INVITE ')[1]!
  const [cancel, ...more] = sentTo(net, CARRIER, 'CANCEL ')
  expect(more).toEqual([])
  expect([branch(cancel!), cseq(cancel!), requestUri(cancel!)]).toEqual([branch(second), 2, requestUri(second)])
  const ack = sentTo(net, CARRIER, 'ACK ')[1]!
  expect([branch(ack), cseq(ack)]).toEqual([branch(second), 2])
})

describe('RFC 3261 §16.12: loose routing without a route of the user’s', () => {
  async function plainNetwork(): Promise<Simulation> {
    const net = await simulate({ routes })
    net.uas(CARRIER, answer())
    net.uas(SECOND, answer())
    return net
  }

  test('our Record-Route brings the BYE back, which goes to the remote target', async () => {
    const net = await plainNetwork()
    const call = await net.uac().invite(BOB)
    expect((await call.bye()).status).toBe(200)
    expect(header(sentTo(net, '127.0.0.1:5080', 'BYE ')[0]!, 'Route')).toBe('<sip:127.0.0.1:5080;lr>')
    const bye = sentTo(net, CARRIER, 'BYE ')[0]!
    expect(requestUri(bye)).toBe(`sip:${CARRIER}`)
    expect(header(bye, 'Route')).toBeUndefined()
  })

  test('of several Routes ours is taken off and the next is followed', async () => {
    const net = await plainNetwork()
    const dialog = dialogWith(net.uac(), ['<sip:127.0.0.1:5080;lr>', `<sip:${SECOND};lr>`], `sip:bob@${CARRIER}`)
    expect((await dialog.request('INFO')).status).toBe(200)
    const info = sentTo(net, SECOND, 'INFO ')[0]!
    expect([requestUri(info), header(info, 'Route')]).toEqual([`sip:bob@${CARRIER}`, `<sip:${SECOND};lr>`])
  })

  test('without a Route of ours there is no such dialog: 481', async () => {
    const net = await plainNetwork()
    expect((await dialogWith(net.uac(), []).request('BYE')).status).toBe(481)
    expect(sentTo(net, CARRIER, '')).toEqual([])
  })

  test('RFC 3261 §16.11: an ACK without a Route of ours is dropped', async () => {
    const net = await plainNetwork()
    const phone = net.uac()
    phone.sendAck(dialogWith(phone, [], `sip:bob@${net.proxyAddress}`).make('ACK', { cseq: 7 }))
    await net.advance('1s')
    expect(net.network.sent).toHaveLength(1)
    expect(net.stack.counters.proxy.get('stray_ack')).toBe(1)
  })
})

describe('RFC 3261 §16.12: onInDialog', () => {
  test('one that only watches changes nothing', async () => {
    const { net, carrier, call } = await authenticatedCall('test/scenarios/routes/in-dialog-watch.ts')
    expect((await carrier.dialogs[0]!.request('INFO')).status).toBe(200)
    expect((await call.bye()).status).toBe(200)
    expect(sentTo(net, CARRIER, 'BYE ').map(cseq)).toEqual([3])
    expect(logged(net, 'info')).toEqual(['INFO 101 from bob', 'BYE 2 from alice'])
    expect(logged(net, 'warn')).toEqual([])
  })

  test('one that throws was only watching', async () => {
    const net = await simulate({ routes: 'test/scenarios/routes/in-dialog-throws.ts' })
    net.uas(CARRIER, answer())
    const call = await net.uac().invite(BOB)
    expect((await call.bye()).status).toBe(200)
    const [error, ...more] = logged(net, 'error')
    expect(more).toEqual([])
    expect(error).toContain('onInDialog threw: Error: cannot watch BYE')
    expect(error).toContain('test/scenarios/routes/in-dialog-throws.ts:7:9')
  })

  test('one that answers keeps the request from the callee', async () => {
    const net = await simulate({ routes: 'test/scenarios/routes/in-dialog-replies.ts' })
    net.uas(CARRIER, answer())
    const call = await net.uac().invite(BOB)
    expect((await call.send('INFO')).status).toBe(415)
    expect((await call.bye()).status).toBe(200)
    expect(sentTo(net, CARRIER, 'INFO ')).toEqual([])
  })
})
