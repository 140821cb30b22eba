/** Trunks that are to end while their REGISTER is out: what is granted afterwards is withdrawn (RFC 3261 §10.2.2). */
import { challenge, registrar, reject, silent, type Behaviour, type SimulateOptions } from '@signalbox/core/testing'
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

/** Registered at the registrar, whose 200 never came. */
async function unheard(options: SimulateOptions = {}) {
  const net = await trunkNetwork({ registration: { interval: 90, retryInterval: 600 }, ...options })
  const books = registrar()
  const uas = net.uas(REGISTRAR, books)
  net.filter = ({ from, wire }) => (from === REGISTRAR && wire.includes('SIP/2.0 200') ? 0 : 1)
  await insert(net, { expires: 3_600 })
  await reload(net)
  await net.advance('40s')
  net.filter = () => 1
  expect([net.stack.trunks!.get('u1')!.isBound, books.bindings.size]).toEqual([false, 1])
  return { net, books, expires: () => uas.requests('REGISTER').map((request) => request.value(H.Expires)) }
}

test.each([
  ['removed by hand', ({ net }: Unheard) => net.stack.trunks!.remove('u1')],
  ['taken from the table', ({ net }: Unheard) => net.sql`delete from uacreg`.then(() => reload(net))],
  ['made unusable', ({ net }: Unheard) => net.sql`update uacreg set auth_proxy = 'x'`.then(() => reload(net))],
  ['not to be registered', ({ net }: Unheard) => net.sql`update uacreg set expires = 0`.then(() => reload(net))],
])('Case 69: a trunk whose 200 was lost may be bound: it is withdrawn when it is %s', async (_, end) => {
  const site = await unheard()
  await end(site)
  await site.net.advance('2s')
  expect(site.expires().at(-1)).toBe('0')
  expect(site.books.bindings.size).toBe(0)
})

type Unheard = Awaited<ReturnType<typeof unheard>>

test('Case 69: but not once what was asked for must have expired', async () => {
  const { net, books, expires } = await unheard({ registration: { retryInterval: 0 } })
  expect(net.stack.trunks!.get('u1')!.state).toBe('disabled')
  await net.advance('2h')
  net.stack.trunks!.remove('u1')
  await net.advance('2s')
  expect([expires(), books.bindings.size]).toEqual([['3600'], 1])
})

test('Case 69: nor where it was refused', async () => {
  const net = await trunkNetwork()
  const uas = net.uas(REGISTRAR, reject(403))
  await insert(net)
  await reload(net)
  await net.advance('2s')
  net.stack.trunks!.remove('u1')
  await net.advance('10s')
  expect(uas.requests('REGISTER')).toHaveLength(1)
})

test.each([
  ['no password', { auth_password: '' }, /neither auth_password nor auth_ha1 is set/],
  ['a proxy that is no URI', { auth_proxy: 'nonsense' }, /auth_proxy is no SIP URI/],
  ['no account', { r_username: '' }, /r_username is empty/],
])(
  'Case 67: a registered row that is given %s is withdrawn as it was, and shown with its reason',
  async (_, change, reason) => {
    const books = registrar()
    const net = await trunkNetwork()
    const uas = net.uas(
      REGISTRAR,
      challenge({ realm: 'r', username: 'ralice', password: 'secret', status: 401, next: books }),
    )
    await insert(net)
    await reload(net)
    await net.advance('2s')
    expect(books.bindings.size).toBe(1)
    const {
      auth_password = 'secret',
      auth_proxy = `sip:${REGISTRAR}`,
      r_username = 'ralice',
    } = change as Record<string, string>
    await net.sql`update uacreg set auth_password = ${auth_password}, auth_proxy = ${auth_proxy}, r_username = ${r_username}`
    net.filter = ({ wire, to }) => (wire.includes('Expires: 0') && to === REGISTRAR ? 0 : 1)
    await reload(net)
    await net.advance('1s')
    const trunk = net.stack.trunks!.get('u1')!
    expect([trunk.state, trunk.reason]).toEqual(['unregistering', expect.stringMatching(reason)])
    net.filter = () => 1
    await net.advance('10s')
    expect([trunk.state, trunk.reason]).toEqual(['disabled', expect.stringMatching(reason)])
    const last = uas.requests('REGISTER').at(-1)!
    expect([last.value(H.Expires), last.toWire().includes('To: <sip:ralice@127.0.0.2>')]).toEqual(['0', true])
    expect([books.bindings.size, trunk.isBound]).toEqual([0, false])
  },
)

test('Case 73: how many a stop could not withdraw is known: those that were refused, and those whose turn never came', async () => {
  const books = registrar()
  const net = await trunkNetwork({ registration: { unregisterOnStop: true, rate: 1 } })
  net.uas(REGISTRAR, (incoming) => {
    const refused = incoming.request.value(H.Expires) === '0' && incoming.request.toWire().includes('sip:r1@')
    return refused ? incoming.answer(403) : books(incoming)
  })
  for (const number of [1, 2, 3, 4]) await insert(net, { uuid: `u${number}`, account: `r${number}` })
  await reload(net)
  await net.advance('5s')
  net.stack.drain()
  await net.advance(1_500)
  const { trunks } = net.stack
  expect([trunks!.withdrawing, trunks!.notWithdrawn, books.bindings.size]).toEqual([2, 3, 3])
  await net.advance('5s')
  expect([trunks!.withdrawing, trunks!.notWithdrawn, books.bindings.size]).toEqual([0, 1, 1])
})
