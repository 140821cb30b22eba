/** What tests can say of calls, and what they are told when it is not so. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Bundle } from '../build/bundle.ts'
import { answer, delayed, reject, silent } from './behaviours.ts'
import { challenge } from './challenge.ts'
import { simulate, type Simulation } from './simulate.ts'
import { tempBundle } from './temp-bundle.ts'
import { uasOnUdp } from './on-udp.ts'
import type { Call } from './uac.ts'
import type { Behaviour } from './uas.ts'

import './matchers.ts'

let bundle: Bundle
const [A, B, URI] = ['127.0.0.1:5090', '127.0.0.1:5091', 'sip:bob@127.0.0.1:5080']

beforeAll(async () => {
  const temp = await tempBundle(`import { onFailure, onRequest } from '@signalbox/dsl'
onRequest(({ req, relay }) => {
  req.headers.set('X-Gen', '1 ✓')
  relay({ to: 'sip:${A}', onFailure: 'NEXT' })
})
onFailure('NEXT', ({ res, uac, relay }) => {
  if (res.status === 407) return uac.auth({ username: 'u', password: 'p' }) && relay()
  if (res.status === 408 || res.status >= 500) relay({ to: 'sip:${B}' })
})
`)
  bundle = temp.bundle
})

async function called(a: Behaviour, b: Behaviour = answer()): Promise<{ net: Simulation; call: Call }> {
  const net = await simulate({ bundle })
  net.uas(A, a, 'carrier-a')
  net.uas(B, b, 'carrier-b')
  return { net, call: await net.uac('127.0.0.1:15060', 'phone').invite(URI) }
}

/** What a matcher says that does not hold. */
function complaint(assertion: () => void): string {
  try {
    assertion()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it held')
}

/** Ladder and route lines, in whatever a matcher says. */
function expectDiagram(message: string): void {
  expect(message).toMatch(/^ +phone +signalbox +carrier-a/m)
  expect(message).toMatch(/│─+ 1 INVITE ─+▶│/)
  expect(message).toMatch(/● onRequest {2}\S+main\.ts:2:1(?: *│)*$/m)
  expect(message).toMatch(/● relay {2}\S+main\.ts:4:3(?: *│)*$/m)
}

describe('toBeAnsweredWith', () => {
  it('says what came instead, and shows the call', async () => {
    const { call } = await called(reject(486))
    expect(call).toBeAnsweredWith(486)
    expect(call).not.toBeAnsweredWith(200)
    const message = complaint(() => expect(call).toBeAnsweredWith(200))
    expect(message).toContain('the call was not answered with 200: it got 100, 486')
    expectDiagram(message)
    expect(complaint(() => expect(call).not.toBeAnsweredWith(486))).toContain('the call was answered with 486')
  })
})

describe('toReach', () => {
  it('a carrier by its name, its address or itself', async () => {
    const { net, call } = await called(answer())
    const other = net.uas('127.0.0.1:5092', answer())
    expect(call).toReach('carrier-a')
    expect(call).toReach(A)
    expect(call).not.toReach('carrier-b')
    expect(call).not.toReach(other)
    const message = complaint(() => expect(call).toReach('carrier-b'))
    expect(message).toContain(`the call was to reach carrier-b (${B}): it never did`)
    expectDiagram(message)
    expect(complaint(() => expect(call).not.toReach(A))).toContain(
      `the call was not to reach carrier-a (${A}): it did 0.000 s after it began`,
    )
  })

  it('within a time from the beginning of the call, or after a response', async () => {
    const { call } = await called(delayed('3s', reject(503)))
    expect(call).toBeAnsweredWith(200)
    expect(call).toReach('carrier-b', { within: '3s' })
    expect(call).not.toReach('carrier-b', { within: '2999ms' })
    expect(call).toReach('carrier-b', { within: 0, after: 503 })
    expect(call).not.toReach('carrier-b', { after: 407 })
    expect(complaint(() => expect(call).toReach('carrier-b', { within: '2s' }))).toContain(
      `to reach carrier-b (${B}) within 2.000 s: it did 3.000 s after it began`,
    )
    expect(complaint(() => expect(call).toReach('carrier-b', { within: '2s', after: 407 }))).toContain(
      `within 2.000 s after the 407: there was no 407`,
    )
  })

  it('a name that nobody has is a mistake in the test, also with not', async () => {
    const { net, call } = await called(answer())
    const said = "nobody is named 'carrier': there is 'signalbox', 'carrier-a', 'carrier-b', 'phone'"
    expect(complaint(() => expect(call).toReach('carrier'))).toBe(said)
    expect(complaint(() => expect(call).not.toReach('carrier'))).toBe(said)
    expect(complaint(() => net.impair({ at: 'carrier', loss: 1 }))).toBe(said)
    expect(call).not.toReach('udp:127.0.0.1:5099')
  })

  it('not when it came before that response, or was lost', async () => {
    const { call } = await called(challenge({ realm: 'r', username: 'u', password: 'p' }))
    expect(call).toReach('carrier-a', { after: 407 })
    const { call: wrong } = await called(challenge({ realm: 'r', username: 'u', password: 'other' }))
    expect(wrong).not.toReach('carrier-a', { after: 200 })
    const net = await simulate({ bundle })
    net.uas(A, silent())
    net.filter = ({ to }) => (to === A ? 0 : 1)
    const lost = await net.uac().invite(URI)
    expect(lost).not.toReach(A)
    expect(lost).toReach(B)
    expect(complaint(() => expect(lost).toReach(A))).toMatch(/│─+ 1 INVITE ─+✗│/)
  })
})

describe('toHaveSent and toHaveReceived', () => {
  it('a text, in Unicode, or a status', async () => {
    const net = await simulate({ bundle })
    const carrier = net.uas(A, reject(486), 'carrier-a')
    const phone = net.uac('127.0.0.1:15060', 'phone')
    const call = await phone.invite(URI)
    expect(carrier).toHaveReceived(/^X-Gen: 1 ✓/m)
    expect(carrier).toHaveReceived('INVITE sip:bob@')
    expect(carrier).toHaveSent(486)
    expect(carrier).not.toHaveReceived(486)
    expect(call).toHaveSent(/^INVITE /)
    expect(call).toHaveReceived(486)
    expect(phone).not.toHaveSent(/X-Gen/)
    // What the proxy sent on its account is the call's.
    expect(call).toHaveSent(/^X-Gen: 1 ✓/m)
    expect(call).not.toHaveReceived(/X-Gen/)
    const message = complaint(() => expect(call).toHaveSent(/X-Other/))
    expect(message).toContain('the call has not sent /X-Other/ in 6 messages')
    expect(complaint(() => expect(phone).toHaveSent(200))).toContain('phone has not sent a 200 in 2 messages')
    expectDiagram(message)
    const other = complaint(() => expect(carrier).not.toHaveReceived('INVITE'))
    expect(other).toContain('carrier-a has received INVITE in 2 messages')
    expectDiagram(other)
  })

  it('a call’s are those of this call alone', async () => {
    const net = await simulate({ bundle })
    net.uas(A, reject(486), 'carrier-a')
    const phone = net.uac('127.0.0.1:15060', 'phone')
    const [first, second] = [await phone.invite(URI), await phone.invite(URI, { headers: { 'X-Second': 'y' } })]
    expect(second).toHaveSent('X-Second')
    expect(first).not.toHaveSent('X-Second')
    expect(phone).toHaveSent('X-Second')
  })

  it('of what no simulation has is a mistake in the test', async () => {
    const { agent, close } = await uasOnUdp('127.0.0.1:0', answer())
    expect(complaint(() => expect(agent).toHaveSent(200))).toContain('belongs to no simulation')
    await close()
  })
})

describe('toHaveRun', () => {
  it('a route or a line of it', async () => {
    const { call } = await called(reject(503))
    expect(call).toHaveRun("onFailure 'NEXT'")
    expect(call).toHaveRun(/main\.ts:8/)
    expect(call).not.toHaveRun('onReply')
    const message = complaint(() => expect(call).toHaveRun('onReply'))
    expect(message).toMatch(/did not run: onReply; ran: onRequest {2}\S+main\.ts:2:1, relay /)
    expectDiagram(message)
  })
})

it('a route that there is not is a mistake in the test, also with not', async () => {
  const { net, call } = await called(answer())
  const said = "there is no route onFailure 'NXET': there is onRequest, onFailure 'NEXT'"
  expect(complaint(() => expect(call).toHaveRun("onFailure 'NXET'"))).toBe(said)
  expect(complaint(() => expect(call).not.toHaveRun("onFailure 'NXET'  routes"))).toBe(said)
  const { bundle: other } = await tempBundle(
    `import { onReply, onRequest } from '@signalbox/dsl'\nonRequest(({ drop }) => drop())\nonReply('X', () => undefined)\n`,
  )
  await net.reload(other)
  expect(call).not.toHaveRun("onReply 'X'")
  expect(call).not.toHaveRun("onFailure 'NEXT'")
})

it('a long ladder is cut at its beginning', async () => {
  const net = await simulate({ bundle })
  const carrier = net.uas(A, reject(486), 'carrier-a')
  const phone = net.uac('127.0.0.1:15060', 'phone')
  for (let i = 0; i < 30; i++) await phone.invite(URI)
  const message = complaint(() => expect(carrier).toHaveSent(200))
  expect(message).toMatch(/\(the first \d+ lines are left out\)/)
  expect(message.split('\n').length).toBeLessThan(220)
})
