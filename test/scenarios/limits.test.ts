/** Limits, overload and draining: who is turned away with 503 and leaves nothing behind, and who goes first (RFC 3261 §21.5.4). */
import { answer, ringing, simulate, type Behaviour, type SimulateOptions } from '@signalbox/core/testing'
import { describe, expect, test } from 'vitest'
import { RawPeer } from './raw-peer.ts'
import { BOB, CARRIER, header, logged, PHONE, sentTo } from './wire.ts'

async function network(limits: SimulateOptions['limits'] = {}, carrier: Behaviour = answer()) {
  const net = await simulate({ routes: 'test/scenarios/routes/limits.ts', limits })
  const peers = ['127.0.0.2:5060', '127.0.0.3:5060'].map((address) => new RawPeer(net, address))
  return { net, carrier: net.uas(CARRIER, carrier), phone: net.uac(PHONE), peers: peers as [RawPeer, RawPeer] }
}

const branches = (count: number): string[] => Array.from({ length: count }, (_, i) => `z9hG4bKnr${i}`)

describe('transactions', () => {
  test('RFC 3261 §21.5.4: one too many is answered 503 with Retry-After, and nothing of it stays', async () => {
    const { net, carrier, peers } = await network({ transactions: 3 }, ringing())
    const [peer] = peers
    for (const branch of branches(4)) await peer.send({ branch, callId: branch })
    expect(peer.summary.filter((each) => each === '503')).toHaveLength(1)
    expect(peer.last(503)).toMatch(/^SIP\/2\.0 503 Too Many Transactions\r\n/)
    expect(header(peer.last(503), 'Retry-After')).toBe('5')
    expect(header(peer.last(503), 'Via')).toContain('branch=z9hG4bKnr3')
    expect([net.stack.proxy.layer.servers, carrier.requests('INVITE').length]).toEqual([3, 3])
    expect(net.stack.counters.turnedAway.get('transactions')).toBe(1)
    for (const branch of branches(3)) await peer.send({ method: 'CANCEL', branch, callId: branch })
    expect(peer.summary.filter((each) => each === '487')).toHaveLength(3)
  })

  test('RFC 3261 §17.2.3: retransmissions of those inside are no new ones', async () => {
    const { peers } = await network({ transactions: 1 })
    const [peer] = peers
    for (let i = 0; i < 3; i++) await peer.send({ method: 'OPTIONS' })
    expect(peer.summary).toEqual(['200', '200', '200'])
  })

  test('RFC 3261 §16.12: a dialog has a quarter on top, CANCEL too', async () => {
    const { net, phone, peers } = await network({ transactions: 4 })
    const [peer] = peers
    const call = await phone.invite(BOB)
    for (const branch of branches(3)) await peer.send({ method: 'OPTIONS', branch })
    await peer.send({ method: 'OPTIONS', branch: 'z9hG4bKone-more' })
    expect(peer.summary.at(-1)).toBe('503')
    expect((await call.bye()).status).toBe(200)
    expect(net.stack.proxy.layer.servers).toBe(5)
    await peer.send({ method: 'BYE', to: 'x', branch: 'z9hG4bKbeyond' })
    expect(peer.summary.at(-1)).toBe('503')
  })

  test('there is room again when they have ended', async () => {
    const { net, peers } = await network({ transactions: 1 })
    const [peer] = peers
    await peer.send({ method: 'OPTIONS' })
    await peer.send({ method: 'OPTIONS', branch: 'z9hG4bK2' })
    await net.advance('33s')
    await peer.send({ method: 'OPTIONS', branch: 'z9hG4bK3' })
    expect(peer.summary).toEqual(['200', '503', '200'])
  })
})

describe('per source', () => {
  test('RFC 3261 §21.5.4: one address cannot take it all; others are served, and so is its dialog', async () => {
    const { net, peers } = await network({ perSource: 2 })
    const [greedy, other] = peers
    for (const branch of branches(3)) await greedy.send({ method: 'OPTIONS', branch })
    await other.send({ method: 'OPTIONS' })
    expect([greedy.summary, other.summary]).toEqual([['200', '200', '503'], ['200']])
    expect(greedy.last(503)).toMatch(/^SIP\/2\.0 503 Too Many Transactions From You\r\n/)
    expect(header(greedy.last(503), 'Retry-After')).toBe('10')
    await greedy.send({ method: 'BYE', to: 'x', branch: 'z9hG4bKbye' })
    expect(greedy.summary.at(-1)).toBe('481')
    expect(net.stack.counters.turnedAway.get('per_source')).toBe(1)
    await net.advance('33s')
    await greedy.send({ method: 'OPTIONS', branch: 'z9hG4bKlater' })
    expect(greedy.summary.at(-1)).toBe('200')
    expect(net.stack.proxy.layer.fromSource('127.0.0.2')).toBe(1)
  })
})

describe('RFC 3261 §21.5.4: overload', () => {
  test('turns a new INVITE away before it costs anything', async () => {
    const { net, carrier, peers } = await network()
    const [peer] = peers
    net.stack.admission.isOverloaded = true
    await peer.send({})
    expect(peer.summary).toEqual(['503'])
    expect([peer.received[0]!.split('\r\n', 1)[0], header(peer.received[0]!, 'Retry-After')]).toEqual([
      'SIP/2.0 503 Overloaded',
      '2',
    ])
    const { layer } = net.stack.proxy
    expect([layer.servers, layer.clients, net.stack.timers.size, carrier.received]).toEqual([0, 0, 0, []])
    // Its ACK is nobody's business either.
    await peer.send({ method: 'ACK', to: /;tag=(\S+)/.exec(header(peer.received[0]!, 'To')!)![1]! })
    expect([peer.summary, net.stack.counters.proxy.get('stray_ack')]).toEqual([['503'], 0])
    expect(net.stack.counters.turnedAway.get('overload')).toBe(1)
  })

  test('lets dialogs, CANCEL, retransmissions and other methods pass, and ends at once', async () => {
    const { net, carrier, phone, peers } = await network({}, ringing())
    const [peer] = peers
    const ringingCall = phone.dial(BOB)
    await net.advance('1s')
    carrier.inDialog = (incoming) => incoming.answer(200)
    net.stack.admission.isOverloaded = true
    await peer.send({ method: 'OPTIONS', branch: 'z9hG4bKoptions' })
    await peer.send({ method: 'BYE', to: 'x', branch: 'z9hG4bKbye' })
    expect(peer.summary).toEqual(['180', '481'])
    ringingCall.cancel()
    await net.until(ringingCall.answered)
    expect(ringingCall).toBeAnsweredWith(487)
    net.stack.admission.isOverloaded = false
    await peer.send({ branch: 'z9hG4bKlater', callId: 'later' })
    expect(peer.summary.slice(2)).toEqual(['100', '180'])
    await peer.send({ method: 'CANCEL', branch: 'z9hG4bKlater', callId: 'later' })
    await net.advance('33s')
  })

  test('RFC 3261 §17.2.1: a retransmitted INVITE of a call that was let in finds its transaction', async () => {
    const { net, carrier, peers } = await network({}, ringing())
    const [peer] = peers
    await peer.send({})
    net.stack.admission.isOverloaded = true
    await peer.send({})
    expect(peer.summary).toEqual(['100', '180', '180'])
    expect(carrier.requests('INVITE')).toHaveLength(1)
    await peer.send({ method: 'CANCEL' })
    expect(peer.summary.slice(3)).toEqual(['200', '487'])
  })
})

describe('RFC 3261 §21.5.4: draining', () => {
  test('new requests of every method get 503, and dialogs go on', async () => {
    const { net, phone, peers } = await network()
    const [peer] = peers
    const call = await phone.invite(BOB)
    net.stack.drain()
    for (const method of ['INVITE', 'OPTIONS', 'MESSAGE']) await peer.send({ method, branch: `z9hG4bK${method}` })
    expect(peer.summary).toEqual(['503', '503', '503'])
    expect(peer.received.map((wire) => header(wire, 'Retry-After'))).toEqual(['5', '5', '5'])
    expect((await call.send('INFO')).status).toBe(200)
    expect((await call.bye()).status).toBe(200)
    expect(net.stack.counters.turnedAway.get('draining')).toBe(3)
  })

  test('a call that rings may be answered, or cancelled', async () => {
    const { net, phone } = await network({}, answer({ after: '5s' }))
    const [answered, canceled] = [phone.dial(BOB), phone.dial(BOB)]
    await net.advance('1s')
    net.stack.drain()
    canceled.cancel()
    for (const call of [answered, canceled]) await net.until(call.answered)
    expect([answered.status, canceled.status]).toEqual([200, 487])
  })

  test('what awaits in a handler still counts as unanswered', async () => {
    const { net, phone } = await network()
    const call = phone.dial('sip:thinks@127.0.0.1:5080')
    await net.advance(100)
    net.stack.drain()
    expect(net.stack.proxy.layer.unanswered()).toBe(1)
    const routes: NodeJS.EventEmitter = process
    routes.emit('scenario:go-on')
    await net.until(call.answered)
    expect([call.status, net.stack.proxy.layer.unanswered()]).toEqual([200, 0])
  })
})

test('RFC 3261 §16.6: a fork to more targets than allowed is the route’s mistake: 500, and nothing is sent', async () => {
  const { net, phone } = await network()
  expect(await phone.invite('sip:crowd@127.0.0.1:5080')).toBeAnsweredWith(500)
  expect(sentTo(net, CARRIER, '')).toEqual([])
  expect(logged(net, 'error')[0]).toContain('65 targets are more than the 64 that limits.branches allows')
})
