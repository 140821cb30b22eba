/** RFC 3261 §12: a dialog's requests run on the live routes, unless `pin: 'dialog'` keeps them on those the dialog began with. */
import { answer, inTurn, reject, simulate } from '@signalbox/core/testing'
import { expect, test } from 'vitest'
import { bundleOf, generations } from './generations.ts'
import { BOB, CARRIER, header, logged, PHONE, sentTo } from './wire.ts'

const routes = (n: number, options: string, more = '') =>
  bundleOf(`onRequest(({ req, relay }) => {
  req.headers.set('X-Gen', '${n}')
  relay({ to: 'sip:127.0.0.1:5090', ${options} })
})
onInDialog(({ req }) => void req.headers.set('X-Gen', '${n}'))
${more}`)

const pinned = `pin: 'dialog'`

async function network(options = pinned, limits = {}) {
  const net = await simulate({ bundle: await routes(1, options), limits })
  const carrier = net.uas(CARRIER, answer())
  return { net, carrier, phone: net.uac(PHONE) }
}

type Network = Awaited<ReturnType<typeof network>>['net']

/** On which generation a request of this method ran last. */
function ranOn(net: Network, method: string, at = CARRIER): string | undefined {
  return header(sentTo(net, at, `${method} `).at(-1) ?? '', 'X-Gen')
}

test('RFC 3261 §12.2: without it later requests run on the live routes', async () => {
  const { net, phone } = await network('')
  const call = await phone.invite(BOB)
  await net.reload(await routes(2, ''))
  expect(generations(net)).toEqual(['2 live', '1 disposed'])
  await call.bye()
  expect(ranOn(net, 'BYE')).toBe('2')
})

test('RFC 3261 §12.2: with it they run on their own, from either side and across reloads, until the BYE', async () => {
  const { net, carrier, phone } = await network()
  const call = await phone.invite(BOB)
  await net.reload(await routes(2, pinned))
  const young = await phone.invite(BOB)
  await net.reload(await routes(3, pinned))
  expect(generations(net, 'transactions', 'dialogs')).toEqual(['3 live 0 0', '2 draining 0 1', '1 draining 0 1'])
  expect((await call.send('INFO')).status).toBe(200)
  expect(ranOn(net, 'INFO')).toBe('1')
  await carrier.dialogs[0]!.request('INFO')
  expect(ranOn(net, 'INFO', PHONE)).toBe('1')
  await call.send('INVITE')
  expect(ranOn(net, 'INVITE')).toBe('1')
  await call.bye()
  expect(ranOn(net, 'BYE')).toBe('1')
  expect(generations(net, 'dialogs')).toEqual(['3 live 0', '2 draining 1', '1 disposed 0'])
  await young.bye()
  expect(ranOn(net, 'BYE')).toBe('2')
  expect(generations(net, 'ended')).toEqual(['3 live', '2 disposed superseded', '1 disposed superseded'])
})

test.each([
  ['is refused', 486],
  ['is redirected', 302],
])('RFC 3261 §12.1: a call that %s forms no dialog, and keeps nothing', async (_, status) => {
  const net = await simulate({ bundle: await routes(1, pinned) })
  net.uas(CARRIER, reject(status))
  expect(await net.uac(PHONE).invite(BOB)).toBeAnsweredWith(status)
  await net.reload(await routes(2, pinned))
  expect(generations(net, 'dialogs')).toEqual(['2 live 0', '1 disposed 0'])
})

test('RFC 3261 §9: neither does one that is cancelled', async () => {
  const net = await simulate({ bundle: await routes(1, pinned) })
  net.uas(CARRIER, answer({ after: '30s' }))
  const call = net.uac(PHONE).dial(BOB)
  await net.advance('1s')
  await net.reload(await routes(2, pinned))
  expect(generations(net, 'dialogs')).toEqual(['2 live 0', '1 draining 1'])
  call.cancel()
  await net.until(call.answered)
  await net.advance('1s')
  expect([call.status, ...generations(net, 'dialogs')]).toEqual([487, '2 live 0', '1 disposed 0'])
})

test('a BYE that is challenged comes again, and finds its routes', async () => {
  const { net, carrier, phone } = await network()
  carrier.inDialog = inTurn(reject(407), answer())
  const call = await phone.invite(BOB)
  await net.reload(await routes(2, pinned))
  expect([(await call.bye()).status, generations(net, 'dialogs')[1]]).toEqual([407, '1 draining 1'])
  expect([(await call.bye()).status, generations(net, 'dialogs')[1]]).toEqual([200, '1 disposed 0'])
  expect(ranOn(net, 'BYE')).toBe('1')
})

test('a later request pins the dialog to the routes that are live then', async () => {
  const { net, phone } = await network('')
  const call = await phone.invite(BOB)
  await net.reload(
    await bundleOf(`onRequest(({ relay }) => relay())\nonInDialog(({ req, relay }) => {
  req.headers.set('X-Gen', '2')
  relay({ pin: 'dialog' })
})\n`),
  )
  await call.send('INVITE')
  await call.send('INVITE')
  await net.reload(await routes(3, ''))
  expect(generations(net, 'dialogs')).toEqual(['3 live 0', '2 draining 1', '1 disposed 0'])
  await call.bye()
  expect([ranOn(net, 'BYE'), generations(net, 'dialogs')[1]]).toEqual(['2', '2 disposed 0'])
})

test('a caller that vanishes keeps its routes for twelve hours, and every ten minutes the log says so', async () => {
  const { net, phone } = await network()
  const call = await phone.invite(BOB)
  await net.reload(await routes(2, ''))
  const { hash } = net.stack.runtime.list()[1]!
  await net.advance('21m')
  expect(logged(net, 'warn')).toEqual([
    `generation 1 (${hash}) still drains after 10 minutes: 0 transactions and 1 pinned dialogs run on it`,
    `generation 1 (${hash}) still drains after 20 minutes: 0 transactions and 1 pinned dialogs run on it`,
  ])
  await net.advance('12h')
  expect(generations(net, 'dialogs')).toEqual(['2 live 0', '1 disposed 0'])
  await call.bye()
  expect(ranOn(net, 'BYE')).toBe('2')
})

test('limits.dialogs: one more lets go of the one used longest ago', async () => {
  const { net, phone } = await network(pinned, { dialogs: 2 })
  const calls = [await phone.invite(BOB), await phone.invite(BOB)]
  await calls[0]!.send('INFO')
  calls.push(await phone.invite(BOB))
  await net.reload(await routes(2, ''))
  const on = []
  for (const call of calls) on.push((await call.bye(), ranOn(net, 'BYE')))
  expect(on).toEqual(['1', '2', '1'])
  expect(generations(net, 'dialogs')).toEqual(['2 live 0', '1 disposed 0'])
})

test('a restart forgets it: the number of a generation then means another', async () => {
  const { net, phone } = await network()
  const call = await phone.invite(BOB)
  net.restart()
  await net.reload(await routes(2, pinned))
  await call.bye()
  expect(ranOn(net, 'BYE')).toBe('2')
})
