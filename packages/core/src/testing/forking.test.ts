/** A carrier behind which the call is forked, and carriers that are slow or deaf. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Bundle } from '../build/bundle.ts'
import { answer, delayed, dropping, reject, ringing } from './behaviours.ts'
import { forks } from './forking.ts'
import { simulate, type Simulation } from './simulate.ts'
import { tempBundle } from './temp-bundle.ts'
import type { Behaviour, Uas } from './uas.ts'

import './matchers.ts'

let bundle: Bundle

beforeAll(async () => {
  const temp = await tempBundle(`import { onRequest } from '@signalbox/dsl'
onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090' }))
`)
  bundle = temp.bundle
})

const uri = 'sip:bob@127.0.0.1:5080'

async function carrier(behaviour: Behaviour): Promise<[Simulation, Uas]> {
  const net = await simulate({ bundle })
  return [net, net.uas('127.0.0.1:5090', behaviour, 'carrier')]
}

describe('forks', () => {
  it('early dialogs of several phones, and the one that answers', async () => {
    const [net] = await carrier(forks(ringing(), answer({ after: '2s' }), reject(486)))
    const call = await net.uac().invite(uri)
    expect(call.statuses).toEqual([100, 180, 180, 200])
    expect(call.toTags).toHaveLength(2)
    expect(call.final!.toTag).toBe(call.toTags[1])
    expect(call.dialogs).toHaveLength(1)
  })

  // RFC 3261 §13.2.2.4.
  it('several answers: each is acknowledged within its own dialog and repeated no more', async () => {
    const [net, uas] = await carrier(forks(answer(), answer({ after: '1s' })))
    const call = await net.uac().invite(uri)
    await net.advance('40s')
    expect(call.statuses).toEqual([100, 180, 200, 200])
    expect(call.dialogs).toHaveLength(2)
    expect(uas.requests('ACK').map(({ toTag }) => toTag)).toEqual(call.toTags)
    for (const dialog of call.dialogs) expect((await dialog.request('BYE')).status).toBe(200)
  })

  it('RFC 3261 §16.7 step 6: the best refusal once all have refused', async () => {
    const [net] = await carrier(forks(reject(503), delayed('1s', reject(486)), reject(404)))
    const call = net.uac().dial(uri)
    await net.advance('999ms')
    expect(call.status).toBe(0)
    await net.advance('1ms')
    expect(call).toBeAnsweredWith(404)
  })

  it('a 6xx before all others', async () => {
    const [net] = await carrier(forks(reject(404), reject(603)))
    expect(await net.uac().invite(uri)).toBeAnsweredWith(603)
  })

  it('RFC 3261 §9.2: a CANCEL ends them all', async () => {
    const [net] = await carrier(forks(ringing(), answer({ after: '9s' })))
    const call = net.uac().dial(uri)
    await net.advance('1s')
    call.cancel()
    await net.advance('20s')
    expect(call.statuses).toEqual([100, 180, 180, 487])
  })
})

it('delayed says nothing before its time, and RFC 3261 §9.2 nothing at all when the call was cancelled', async () => {
  const [net] = await carrier(delayed('5s', reject(486)))
  const call = net.uac().dial(uri)
  await net.advance('4999ms')
  expect(call.statuses).toEqual([100])
  await net.advance('1ms')
  expect(call).toBeAnsweredWith(486)
})

it('dropping leaves the first calls without a word', async () => {
  const [net] = await carrier(dropping(2, answer()))
  const phone = net.uac()
  const statuses: number[] = []
  for (let i = 0; i < 3; i++) statuses.push((await phone.invite(uri)).status)
  expect(statuses).toEqual([408, 408, 200])
})
