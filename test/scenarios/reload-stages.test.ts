/** Reloads that meet each other, that fail at every stage, and that come often: nothing of RFC 3261 may notice (§16.2, §10.3). */
import { answer, registrar, simulate } from '@signalbox/core/testing'
import { expect, test } from 'vitest'
import { bundleOf, generations } from './generations.ts'
import { contactsOf, Registrant } from './phones.ts'
import { insert, REGISTRAR, reload as reloadTrunks, trunkNetwork } from './trunk-table.ts'
import { BOB, CARRIER, PHONE } from './wire.ts'

const good = (reason: string) => bundleOf(`onRequest(({ reply }) => reply(403, '${reason}'))\n`)
const hanging = () => bundleOf(`onRequest(({ reply }) => reply(403, 'hung'))\nonLoad(() => new Promise(() => {}))\n`)

test('two at once, and more: one after another, the newest of those that wait, and all are told', async () => {
  const net = await simulate({ bundle: await good('first') })
  const bundles = await Promise.all(['a', 'b', 'c', 'd'].map(good))
  await Promise.all(bundles.map((bundle) => net.reload(bundle)))
  expect(generations(net, 'ended')).toEqual(['3 live', '2 disposed superseded', '1 disposed superseded'])
  expect((await net.uac(PHONE).invite(BOB)).final!.reason).toBe('d')
})

test('one that waits behind an onLoad which hangs is taken when that is refused', async () => {
  const net = await simulate({ bundle: await good('first') })
  const phone = net.uac(PHONE)
  const hung = net.reload(await hanging()).then(() => 'taken', String)
  const taken = net.reload(await good('second'))
  expect((await phone.invite(BOB)).final!.reason).toBe('first')
  expect(await hung).toMatch(/onLoad did not end within handlers\.deadline, 30000 ms/)
  await taken
  expect(generations(net)).toEqual(['2 live', '1 disposed'])
  expect((await phone.invite(BOB)).final!.reason).toBe('second')
})

test('one while an old generation drains leaves that one to its call', async () => {
  const relaying = (n: number) =>
    bundleOf(`onRequest(({ relay }) => relay({ to: 'sip:127.0.0.1:5090', onFailure: 'NEXT_${n}' }))
onFailure('NEXT_${n}', ({ reply }) => reply(480, 'of ${n}'))
`)
  const net = await simulate({ bundle: await relaying(1) })
  net.uas(CARRIER, answer({ status: 486, after: '20s' }))
  const phone = net.uac(PHONE)
  const calls = []
  for (const n of [2, 3, 4]) {
    calls.push(phone.dial(BOB))
    await net.advance('1s')
    await net.reload(await relaying(n))
  }
  expect(generations(net)).toEqual(['4 live', '3 draining', '2 draining', '1 draining'])
  for (const call of calls) await net.until(call.answered)
  expect(calls.map(({ final }) => final!.reason)).toEqual(['of 1', 'of 2', 'of 3'])
  await net.advance(1)
  expect(generations(net)).toEqual(['4 live', '3 disposed', '2 disposed', '1 disposed'])
})

test('a rollback brings the routes before back, at once, and a second one undoes it', async () => {
  const net = await simulate({ bundle: await good('first') })
  const phone = net.uac(PHONE)
  await expect(net.rollback()).rejects.toMatchObject({ code: 'ROLLBACK' })
  await net.reload(await good('second'))
  await net.rollback()
  expect((await phone.invite(BOB)).final!.reason).toBe('first')
  await net.rollback()
  expect((await phone.invite(BOB)).final!.reason).toBe('second')
  expect(generations(net, 'ended')).toEqual([
    '4 live',
    '3 disposed rolled back',
    '2 disposed rolled back',
    '1 disposed superseded',
  ])
})

test('settings go live with a generation: a call in progress keeps those it began with', async () => {
  const net = await simulate({
    bundle: await bundleOf(`onRequest(async ({ vars, uac, relay }) => {
  uac.replaceFrom('sip:anonymous@anonymous.invalid')
  relay({ to: 'sip:127.0.0.1:5090', onFailure: 'SAID' })
})
onFailure('SAID', ({ uac, reply, vars }) => {
  uac.replaceFrom('sip:other@anonymous.invalid')
  reply(480, Object.keys(vars).join())
})\n`),
    uac: { restoreVars: { from: 'first' } },
  })
  net.uas(CARRIER, answer({ status: 486, after: '5s' }))
  const phone = net.uac(PHONE)
  const old = phone.dial(BOB)
  await net.advance('1s')
  const { runtime } = net.stack
  const { bundle, settings } = runtime.live
  await net.until(runtime.load(bundle, { ...settings, uac: { ...settings.uac, restoreVars: { from: 'second' } } }))
  const young = phone.dial(BOB)
  for (const call of [old, young]) await net.until(call.answered)
  expect([old.final!.reason, young.final!.reason]).toEqual(['first', 'second'])
  await net.reload(bundle)
  expect((await phone.invite(BOB)).final!.reason).toBe('second')
})

test('RFC 3261 §10.3: twenty reloads send no REGISTER, lose no contact, and change nothing that the core counts', async () => {
  const routes = (n: number) =>
    bundleOf(
      `onRequest(({ req, registrar, reply }) => req.method === 'REGISTER' ? registrar.save() : reply(403, '${n}'))\n`,
    )
  const net = await trunkNetwork({ bundle: await routes(0) })
  const carrier = net.uas(REGISTRAR, registrar())
  for (const uuid of ['u1', 'u2']) await insert(net, { uuid, account: uuid, expires: 3_600 })
  await reloadTrunks(net)
  await net.advance('2s')
  const phone = new Registrant(net)
  await phone.register({ contact: ['<sip:alice@127.0.0.3:5060>'] })
  const before = {
    registers: carrier.requests('REGISTER').length,
    requests: net.stack.counters.requests.get('REGISTER'),
  }
  expect(before).toEqual({ registers: 2, requests: 1 })
  for (let n = 1; n <= 20; n++) {
    await net.reload(await routes(n))
    await net.advance('1s')
  }
  expect(net.stack.runtime.live.number).toBe(21)
  expect(carrier.requests('REGISTER')).toHaveLength(2)
  expect(['u1', 'u2'].map((uuid) => net.stack.trunks!.get(uuid)!.state)).toEqual(['registered', 'registered'])
  expect(net.stack.counters.requests.get('REGISTER')).toBe(1)
  expect(contactsOf(await phone.register({ cseq: 2 }))).toEqual([expect.stringContaining('sip:alice@127.0.0.3:5060')])
})
