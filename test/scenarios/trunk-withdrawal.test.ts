/** Trunks that are to end while their REGISTER is out: what is granted afterwards is withdrawn (RFC 3261 §10.2.2). */
import { registrar, reject, silent, type Behaviour, type SimulateOptions } from '@signalbox/core/testing'
import { expect, test } from 'vitest'
import { H } from '../../packages/core/src/message/header-names.ts'
import { insert, REGISTRAR, reload, trunkNetwork } from './trunk-table.ts'

const stopping: SimulateOptions = { registration: { unregisterOnStop: true, interval: 90 } }

/** One trunk whose first REGISTER is out for 4 seconds more. */
async function out(end: Behaviour, options: SimulateOptions = {}) {
  const net = await trunkNetwork(options)
  const uas = net.uas(REGISTRAR, (incoming) => incoming.after(5_000, () => end(incoming)))
  await insert(net)
  await reload(net)
  await net.advance('1s')
  const trunk = net.stack.trunks!.get('u1')!
  expect([trunk.state, trunk.isOpen, trunk.isBound]).toEqual(['registering', true, false])
  return { net, uas, trunk, expires: () => uas.requests('REGISTER').map((request) => request.value(H.Expires)) }
}

test('Case 73: RFC 3261 §10.2.2: a stop while the first REGISTER is out withdraws what it is granted', async () => {
  const books = registrar()
  const { net, expires } = await out(books, stopping)
  net.stack.drain()
  expect(net.stack.unanswered()).toBeGreaterThan(0)
  await net.advance('12s')
  expect(expires()).toEqual(['60', '0'])
  expect([books.bindings.size, net.stack.unanswered()]).toEqual([0, 0])
})

test.each([
  ['refused', reject(403), '11s'],
  ['never answered', silent(), '45s'],
] as const)('Case 73: a stop while the first REGISTER is out ends when that is %s', async (_, end, time) => {
  const { net } = await out(end, stopping)
  net.stack.drain()
  await net.advance(time)
  expect([net.stack.trunks!.withdrawing, net.stack.unanswered()]).toEqual([0, 0])
})

test('Case 73: and it is not waited for where nothing is to be withdrawn', async () => {
  const { net, expires } = await out(registrar())
  net.stack.drain()
  expect(net.stack.unanswered()).toBe(0)
  await net.advance('12s')
  expect(expires()).toEqual(['60'])
})

test('Case 69: expires of a row becomes 0 while its REGISTER is out: what it is granted is withdrawn', async () => {
  const books = registrar()
  const { net, trunk, expires } = await out(books)
  await net.sql`update uacreg set expires = 0`
  await reload(net)
  await net.advance('12s')
  expect(expires()).toEqual(['60', '0'])
  expect(books.bindings.size).toBe(0)
  expect([trunk.state, trunk.isBound, trunk.reason]).toEqual([
    'disabled',
    false,
    'expires is 0: it is never registered',
  ])
  await net.sql`update uacreg set expires = 60`
  await reload(net)
  await net.advance('7s')
  expect([trunk.state, trunk.reason, books.bindings.size]).toEqual(['registered', '', 1])
})
