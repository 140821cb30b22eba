import { answer, reject, simulate, type Behaviour, type Simulation } from '@signalbox/core/testing'
import { expect, test } from 'vitest'

const CARRIER = '127.0.0.1:5090'
const PHONE = '127.0.0.1:15060'
const ALICE = '"Alice Liddell" <sip:alice@wonderland.example>'
const ANONYMOUS = 'Anonymous <sip:anonymous@anonymous.invalid>'
const BOB = '<sip:bob@127.0.0.1:5080>'

/** What is the caller's. The phone of the test kit names him nowhere else; a real one may: see README.md. */
const caller = /alice@|liddell|wonderland/i

async function trunk(behaviour: Behaviour = answer()) {
  const net = await simulate()
  return { net, carrier: net.uas(CARRIER, behaviour), phone: net.uac(PHONE) }
}

const sentTo = (address: string, net: Simulation) =>
  net.network.sent.filter(({ to }) => to === address).map(({ wire }) => wire)

/** Start line, and From and To without their tags. */
const names = (wire: string) => {
  const value = (header: string) => new RegExp(`^${header}: (.*?)(;tag=.*)?$`, 'm').exec(wire)?.[1]
  const [start = ''] = wire.split('\r\n', 1)
  return [start.startsWith('SIP/2.0 ') ? start.slice(8, 11) : start.split(' ', 1)[0], value('From'), value('To')]
}

test('the carrier reads an anonymous caller, the caller reads himself', async () => {
  const { net, phone } = await trunk()
  const call = await phone.invite('sip:bob@127.0.0.1:5080', { from: ALICE })
  expect(call).toBeAnsweredWith(200)
  expect(sentTo(CARRIER, net).map(names)).toEqual([
    ['INVITE', ANONYMOUS, BOB],
    ['ACK', ANONYMOUS, BOB],
  ])
  expect(sentTo(PHONE, net).map(names)).toEqual([
    ['100', ALICE, BOB],
    ['180', ALICE, BOB],
    ['200', ALICE, BOB],
  ])
})

test('both sides read the same for the whole call, whoever sends', async () => {
  const { net, carrier, phone } = await trunk()
  const call = await phone.invite('sip:bob@127.0.0.1:5080', { from: ALICE })
  const [callee] = carrier.dialogs
  const before = net.network.sent.length
  expect((await call.send('INVITE')).status).toBe(200)
  expect((await callee!.request('INFO')).status).toBe(200)
  // The key is kept: a proxy that was restarted goes on.
  net.restart()
  expect((await callee!.request('BYE')).status).toBe(200)
  const later = net.network.sent.slice(before).filter(({ to }) => to === CARRIER || to === PHONE)
  expect(later.map(({ to, wire }) => [to, ...names(wire)])).toEqual([
    [PHONE, '100', ALICE, BOB],
    [CARRIER, 'INVITE', ANONYMOUS, BOB],
    [PHONE, '200', ALICE, BOB],
    [CARRIER, 'ACK', ANONYMOUS, BOB],
    [PHONE, 'INFO', BOB, ALICE],
    [CARRIER, '200', BOB, ANONYMOUS],
    [PHONE, 'BYE', BOB, ALICE],
    [CARRIER, '200', BOB, ANONYMOUS],
  ])
})

test('the caller’s BYE is anonymous too', async () => {
  const { net, phone } = await trunk()
  const call = await phone.invite('sip:bob@127.0.0.1:5080', { from: ALICE })
  expect((await call.bye()).status).toBe(200)
  expect(names(sentTo(CARRIER, net).at(-1)!)).toEqual(['BYE', ANONYMOUS, BOB])
  expect(names(sentTo(PHONE, net).at(-1)!)).toEqual(['200', ALICE, BOB])
})

test('a call that the carrier refuses', async () => {
  const { net, phone } = await trunk(reject(486))
  expect(await phone.invite('sip:bob@127.0.0.1:5080', { from: ALICE })).toBeAnsweredWith(486)
  expect(sentTo(CARRIER, net).map(names)).toEqual([
    ['INVITE', ANONYMOUS, BOB],
    ['ACK', ANONYMOUS, BOB],
  ])
  expect(names(sentTo(PHONE, net).at(-1)!)).toEqual(['486', ALICE, BOB])
})

test('nothing that reaches the carrier names the caller', async () => {
  const { net, carrier, phone } = await trunk()
  const call = await phone.invite('sip:bob@127.0.0.1:5080', { from: ALICE })
  await call.send('INFO')
  await carrier.dialogs[0]!.request('INFO')
  await call.bye()
  expect(sentTo(CARRIER, net)).toHaveLength(5)
  expect(carrier).not.toHaveReceived(caller)
  expect(sentTo(PHONE, net).filter((wire) => !caller.test(wire))).toEqual([])
})
