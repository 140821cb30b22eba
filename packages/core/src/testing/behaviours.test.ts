/** What carriers and phones of the kit do with a call: on the real stack, with routes that pass everything on. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Bundle } from '../build/bundle.ts'
import { H } from '../message/header-names.ts'
import { answer, inTurn, reject, ringing, silent } from './behaviours.ts'
import { challenge } from './challenge.ts'
import { simulate, Simulation } from './simulate.ts'
import { tempBundle } from './temp-bundle.ts'
import type { Behaviour, Uas } from './uas.ts'

import './matchers.ts'

let bundle: Bundle

beforeAll(async () => {
  const temp = await tempBundle(`import { onFailure, onRequest } from '@signalbox/dsl'
onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090', onFailure: 'F' }))
onFailure('F', ({ uac, relay }) => { if (uac.auth()) relay() })
`)
  bundle = temp.bundle
})

async function carrier(
  behaviour: Behaviour,
  credentials = [{ realm: 'r', username: 'u', password: 'p' }],
): Promise<[Simulation, Uas]> {
  const net = await simulate({ bundle, credentials })
  return [net, net.uas('127.0.0.1:5090', behaviour)]
}

const uri = 'sip:bob@127.0.0.1:5080'

describe('answer', () => {
  it('RFC 3261 §13.3.1: rings, answers with a body, and hears the ACK', async () => {
    const [net, uas] = await carrier(answer())
    const call = await net.uac().invite(uri)
    expect(call).toBeAnsweredWith(200)
    expect(call.statuses).toEqual([100, 180, 200])
    expect(call.final!.body).toContain('m=audio')
    await net.advance(0)
    expect(uas.requests('ACK')).toHaveLength(1)
  })

  it('after a while, with headers', async () => {
    const [net] = await carrier(answer({ after: '5s', headers: { 'X-Test': 'y' } }))
    const call = net.uac().dial(uri)
    await net.advance('4999ms')
    expect(call.statuses).toEqual([100, 180])
    await net.advance('1ms')
    expect(call.final!.named('X-Test').map(({ value }) => value)).toEqual(['y'])
  })

  it('RFC 3261 §13.3.1.4: repeats a 2xx until its ACK comes', async () => {
    const [net] = await carrier(answer())
    net.filter = ({ wire }) => (wire.startsWith('ACK') ? 0 : 1)
    const call = await net.uac().invite(uri)
    await net.advance(3_500)
    expect(call.statuses.filter((status) => status === 200)).toHaveLength(4)
  })

  it('RFC 3261 §9.2: a call that was cancelled meanwhile is not answered', async () => {
    const [net] = await carrier(answer({ after: '5s' }))
    const call = net.uac().dial(uri)
    await net.advance('1s')
    call.cancel()
    await net.advance('10s')
    expect(call.statuses).toEqual([100, 180, 487])
  })

  it('another method without ringing', async () => {
    const [net] = await carrier(answer())
    expect((await net.uac().send('OPTIONS', uri)).statuses).toEqual([200])
  })
})

it('reject refuses, with headers', async () => {
  const [net] = await carrier(reject(302, { Contact: '<sip:c@d>' }))
  const call = await net.uac().invite(uri)
  expect([call.statuses, call.final!.value(H.Contact)]).toEqual([[100, 302], '<sip:c@d>'])
})

it('silent never answers: RFC 3261 §17.1.1.2, timer B', async () => {
  const [net] = await carrier(silent())
  expect((await net.uac().invite(uri)).statuses).toEqual([100, 408])
})

it('ringing rings until it is cancelled', async () => {
  const [net] = await carrier(ringing())
  const call = net.uac().dial(uri)
  await net.advance('60s')
  expect(call.statuses).toEqual([100, 180])
  call.cancel()
  await net.advance('1s')
  expect(call).toBeAnsweredWith(487)
})

describe('challenge', () => {
  it.each([
    [401, undefined],
    [407, undefined],
    [401, 'auth'],
    [407, 'auth'],
  ] as const)('RFC 3261 §22: a %d with qop %s lets the right digest through', async (status, qop) => {
    const [net, uas] = await carrier(
      challenge({ realm: 'r', username: 'u', password: 'p', status, ...(qop && { qop }) }),
    )
    const call = await net.uac().invite(uri)
    expect(call).toBeAnsweredWith(200)
    expect(uas.requests('INVITE').map(({ cseq }) => cseq!.number)).toEqual([1, 2])
  })

  it.each([
    ['password', { realm: 'r', username: 'u', password: 'wrong' }],
    ['user', { realm: 'r', username: 'wrong', password: 'p' }],
  ])('RFC 3261 §22: and no other: wrong %s', async (_, credentials) => {
    const [net, uas] = await carrier(challenge({ realm: 'r', username: 'u', password: 'p' }), [credentials])
    expect(await net.uac().invite(uri)).toBeAnsweredWith(407)
    expect(uas.requests('INVITE')).toHaveLength(2)
  })
})

it('inTurn takes one behaviour for each call, and stays with the last', async () => {
  const [net] = await carrier(inTurn(reject(486), reject(404), answer()))
  const phone = net.uac()
  const statuses: number[] = []
  for (let i = 0; i < 4; i++) statuses.push((await phone.invite(uri)).status)
  expect(statuses).toEqual([486, 404, 200, 200])
})

describe('a simulation', () => {
  it('that leaves something behind fails when it is closed, and shows the call', async () => {
    // Not tied to this test, which it would fail.
    const net = new Simulation(bundle, {})
    net.uas('127.0.0.1:5090', ringing())
    net.uac().dial(uri)
    const { message } = (await net.close().catch((error: Error) => error)) as Error
    expect(message.split('\n')).toEqual(
      expect.arrayContaining([
        'left behind after 64 × T1 (32.000 s), the proxy still holds:',
        expect.stringMatching(/^ {2}1 server transaction: .*call\.cancel\(\)/),
        expect.stringMatching(
          /^ {2}INVITE sip:bob@127\.0\.0\.1:5080 from 127\.0\.0\.1:15060 to \S+ at 0\.000 s, Call-ID \S+$/,
        ),
        expect.stringMatching(/│─+ 1 INVITE ─+▶│/),
        expect.stringMatching(/● relay {2}\S*routes\/main\.ts:2:26/),
      ]),
    )
  })

  it('that waits for what cannot happen says so', async () => {
    const [net] = await carrier(answer())
    await expect(net.until(new Promise(() => undefined))).rejects.toThrow('nothing can happen any more')
  })
})
