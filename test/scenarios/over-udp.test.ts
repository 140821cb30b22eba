/** The oracle of the simulation: the same scenario in memory and on real sockets, with the same messages between the proxy and each peer. */
import {
  answer,
  challenge,
  forks,
  overUdp,
  reject,
  ringing,
  silent,
  simulate,
  type Net,
  type ProxyUnderTest,
} from '@signalbox/core/testing'
import { tempBundle } from '../../packages/core/src/testing/temp-bundle.ts'
import { beforeAll, expect, test } from 'vitest'

/** Of this file alone: all of 127.0.0.0/8 is this machine's. */
const [PROXY, A, B, PHONE] = ['127.0.77.1:5080', '127.0.77.2:5090', '127.0.77.3:5090', '127.0.77.4:5060']
const BOB = `sip:bob@${PROXY}`

let options: ProxyUnderTest

beforeAll(async () => {
  const { bundle } = await tempBundle(`import { onFailure, onRequest } from '@signalbox/dsl'
onRequest(({ req, relay, fork }) => {
  if (req.ruri.user === 'both') fork(['sip:${A}', 'sip:${B}'])
  else if (req.ruri.user === 'next') relay({ to: ['sip:${A}', 'sip:${B}'] })
  else relay({ to: 'sip:${A}', onFailure: 'TRUNKAUTH' })
})
onFailure('TRUNKAUTH', ({ res, uac, relay }) => {
  if (res.status === 407 && uac.auth({ username: 'test', password: 'test' })) relay()
})
`)
  options = { bundle, listen: PROXY, timers: { t1: 50 } }
})

/** What each end saw, after `scenario` in memory and over UDP: the same. */
async function same(scenario: (net: Net) => Promise<void>): Promise<Record<string, string[]>> {
  const [simulated, real] = [await simulate(options), await overUdp(options)]
  await scenario(simulated)
  await scenario(real)
  const sequence = simulated.sequence()
  expect(real.sequence()).toEqual(sequence)
  expect(Object.keys(sequence)).toContain('phone')
  return sequence
}

/** Until what was sent last has arrived. */
async function settled(net: Net): Promise<void> {
  await net.advance('150ms')
}

test('a plain call', async () => {
  const { phone, a } = await same(async (net) => {
    net.uas(A, answer({ after: '20ms' }), 'a')
    const call = await net.uac(PHONE, 'phone').invite(BOB)
    expect(call).toBeAnsweredWith(200)
    await net.until(call.bye())
    await settled(net)
  })
  expect(phone).toEqual([
    '> 1 INVITE',
    '< 100 Trying (1 INVITE)',
    '< 180 Ringing (1 INVITE)',
    '< 200 OK (1 INVITE)',
    '> 1 ACK',
    '> 2 BYE',
    '< 200 OK (2 BYE)',
  ])
  expect(a).toEqual([
    '< 1 INVITE',
    '> 180 Ringing (1 INVITE)',
    '> 200 OK (1 INVITE)',
    '< 1 ACK',
    '< 2 BYE',
    '> 200 OK (2 BYE)',
  ])
})

test('a call that is challenged', async () => {
  const { a } = await same(async (net) => {
    net.uas(A, challenge({ realm: 'r', username: 'test', password: 'test', next: answer({ after: '20ms' }) }), 'a')
    const call = await net.uac(PHONE, 'phone').invite(BOB)
    expect(call).toReach('a', { after: 407 })
    expect(call).toHaveRun("onFailure 'TRUNKAUTH'")
    await net.until(call.bye())
    await settled(net)
  })
  expect(a!.slice(0, 4)).toEqual(['< 1 INVITE', '> 407 Proxy Authenticat… (1 INVITE)', '< 1 ACK', '< 2 INVITE'])
})

test('RFC 3261 §16.7 step 10: a fork, of which the branch that loses is cancelled', async () => {
  const { b } = await same(async (net) => {
    net.uas(A, answer({ after: '100ms' }), 'a')
    net.uas(B, ringing(), 'b')
    const call = await net.uac(PHONE, 'phone').invite(`sip:both@${PROXY}`)
    expect(call).toBeAnsweredWith(200)
    expect(call).toReach('b')
    await settled(net)
  })
  expect(b).toEqual([
    '< 1 INVITE',
    '> 180 Ringing (1 INVITE)',
    '< 1 CANCEL',
    '> 200 OK (1 CANCEL)',
    '> 487 Request Terminated (1 INVITE)',
    '< 1 ACK',
  ])
})

test('RFC 3261 §9.1: a call that its caller gives up', async () => {
  const { phone } = await same(async (net) => {
    net.uas(A, ringing(), 'a')
    const call = net.uac(PHONE, 'phone').dial(BOB)
    await net.advance('100ms')
    call.cancel()
    expect(await net.until(call.answered)).toBeAnsweredWith(487)
    await settled(net)
  })
  expect(phone).toContain('< 200 OK (1 CANCEL)')
})

test('a carrier that is silent, and the next one', { timeout: 20_000 }, async () => {
  const { a, b } = await same(async (net) => {
    net.uas(A, silent(), 'a')
    net.uas(B, reject(486), 'b')
    const call = await net.uac(PHONE, 'phone').invite(`sip:next@${PROXY}`)
    // 64 × T1, with a T1 of 50 ms.
    expect(call).toReach('b', { within: '4s' })
    expect(call).not.toReach('b', { within: '3s' })
    await settled(net)
  })
  expect(a).toEqual(['< 1 INVITE'])
  expect(b).toEqual(['< 1 INVITE', '> 486 Busy Here (1 INVITE)', '< 1 ACK'])
})

// RFC 3261 §13.2.2.4: each 2xx has an ACK of its own.
test('a call that is forked further on and answered twice', async () => {
  const { phone } = await same(async (net) => {
    net.uas(A, forks(answer({ after: '50ms' }), reject(486), answer({ after: '150ms' })), 'a')
    const call = await net.uac(PHONE, 'phone').invite(BOB)
    await net.advance('250ms')
    expect(call.dialogs).toHaveLength(2)
    await settled(net)
  })
  expect(phone!.filter((line) => /200|ACK/.test(line))).toEqual([
    '< 200 OK (1 INVITE)',
    '> 1 ACK',
    '< 200 OK (1 INVITE)',
    '> 1 ACK',
  ])
})

test('an address that is taken is said with its name, and how to go on', async () => {
  const net = await overUdp(options)
  net.uas(PROXY, silent())
  await expect(net.advance(0)).rejects.toThrow(`cannot listen on udp:${PROXY}: EADDRINUSE`)
})
