/** Trunks in routes: calls that come through them and calls that leave by them. */
import { answer, challenge, delayed, inTurn, registrar, type Behaviour } from '@signalbox/core/testing'
import { expect, test } from 'vitest'
import { bundleOf } from './generations.ts'
import { isRightDigest } from './recompute-digest.ts'
import { insert, REGISTRAR, reload, trunkNetwork, type TrunkOptions } from './trunk-table.ts'
import { header, sentTo } from './wire.ts'

const account = { realm: 'carrier', username: 'ralice', password: 'secret' } as const

/** Takes REGISTERs, and calls as it is told. */
function carrier(calls: Behaviour = answer()): Behaviour {
  const books = registrar()
  return (incoming) => (incoming.request.method === 'REGISTER' ? books : calls)(incoming)
}

async function network(calls?: Behaviour, ...rows: TrunkOptions[]) {
  const net = await trunkNetwork({
    routes: 'test/scenarios/routes/trunks-calls.ts',
    credentials: [{ realm: 'carrier', username: 'wrong', password: 'wrong' }],
  })
  const uas = net.uas(REGISTRAR, carrier(calls))
  for (const row of rows.length > 0 ? rows : [{}]) await insert(net, row)
  await reload(net)
  await net.advance('1s')
  const ask = async (what: string, uri = 'sip:u1@127.0.0.1:5080') =>
    (await net.uac().send('OPTIONS', uri, { headers: { 'X-Do': what } })).final!.reason
  return { net, uas, ask }
}

test('Case 71: look-ups by uuid, by the line that our Contact carries, and by our own parameter', async () => {
  const { ask, uas } = await network(undefined, {}, { uuid: 'u2', username: 'bob', contactUser: '4930' })
  expect(await ask('lookup')).toBe('sip:alice@127.0.0.1')
  expect(await ask('lookup', 'sip:4930@127.0.0.1:5080;line=u2')).toBe('sip:bob@127.0.0.1')
  expect(await ask('lookup', 'sip:4930@127.0.0.1:5080')).toBe('none')
  const [first] = uas.requests('REGISTER')
  const cookie = /sb=(\w+)/.exec(first!.toWire())![1]
  expect(await ask('lookup', `sip:whoever@127.0.0.1:5080;sb=${cookie}`)).toBe('sip:alice@127.0.0.1')
  expect(await ask('lookup', 'sip:nobody@127.0.0.1:5080;line=u9')).toBe('none')
})

test('what comes right after a start is heard when the table has been read, or is late', async () => {
  const { net, ask } = await network()
  const asked = async (delay: string) => {
    net.store.delay = delay
    net.restart()
    return [await ask('lookup'), net.stack.counters.dropped.get('starting')]
  }
  expect(await asked('150ms')).toEqual(['sip:alice@127.0.0.1', 1])
  expect(await asked('2s')).toEqual(['none', 1])
})

test('Case 71: a guarded look-up wants the call from where the registrar answers', async () => {
  const { net, ask } = await network()
  expect(await ask('guarded')).toBe('none')
  const call = await net
    .uac('127.0.0.2:5099')
    .send('OPTIONS', 'sip:u1@127.0.0.1:5080', { headers: { 'X-Do': 'guarded' } })
  expect(call.final!.reason).toBe('u1')
})

test('Case 71: look-up by URI: by user, by host where several have it', async () => {
  const { ask } = await network(undefined, {}, { uuid: 'u2', localDomain: 'b.example' })
  expect(await ask('uri sip:alice@x')).toBe('u1')
  expect(await ask('uri sip:alice@b.example')).toBe('u2')
  expect(await ask('uri sip:nobody@x')).toBe('none')
})

test('Case 71: states by name', async () => {
  const { ask } = await network(undefined, {}, { uuid: 'u2', password: '' }, { uuid: 'u3', expires: 0 })
  expect(await ask('status u1')).toBe('registered')
  expect(await ask('status u2')).toBe('disabled')
  expect(await ask('status u3')).toBe('idle')
  expect(await ask('status u9')).toBe('none')
})

test.each([
  ['uuid u1', 'sip:4930123@127.0.0.2'],
  ['username alice', 'sip:4930123@127.0.0.2'],
  ['account u1', 'sip:ralice@127.0.0.2'],
  ['branch', 'sip:4930123@127.0.0.2'],
])('Case 71: a call out by %s, with the credentials of the trunk before those of the config', async (what, ruri) => {
  const { net, uas } = await network(challenge(account))
  const call = await net.uac().invite('sip:4930123@127.0.0.1:5080', { headers: { 'X-Do': what } })
  expect(call.status).toBe(200)
  const invites = uas.requests('INVITE')
  expect(invites.map(({ requestUri }) => requestUri)).toEqual([ruri, ruri])
  expect(invites[1]!.toWire()).toContain('Proxy-Authorization: Digest username="ralice"')
  expect((await net.until(call.bye())).status).toBe(200)
})

test('Case 71: a call that was not challenged: the trunk answers for its later requests all the same', async () => {
  const { net, uas } = await network()
  const challenged = challenge(account)
  uas.inDialog = challenged
  const call = await net.uac().invite('sip:4930123@127.0.0.1:5080', { headers: { 'X-Do': 'uuid u1' } })
  expect(call.status).toBe(200)
  expect((await net.until(call.bye())).status).toBe(200)
  expect(uas.requests('BYE').at(-1)!.toWire()).toContain('username="ralice"')
})

test('Case 71: no such trunk, and one whose row cannot be used: false', async () => {
  const { net } = await network(undefined, {}, { uuid: 'u2', proxy: 'nonsense' })
  for (const what of ['uuid u9', 'uuid u2', 'username nobody']) {
    const call = await net.uac().invite('sip:1@127.0.0.1:5080', { headers: { 'X-Do': what } })
    expect(call.status).toBe(403)
  }
})

test('Case 54: onLocal sees REGISTERs and their repeats', async () => {
  const net = await trunkNetwork({ routes: 'test/scenarios/routes/trunks-calls.ts' })
  const uas = net.uas(REGISTRAR, challenge({ ...account, next: inTurn(registrar()) }))
  await insert(net)
  await reload(net)
  await net.advance('1s')
  const sent = uas.requests('REGISTER')
  expect(sent).toHaveLength(2)
  for (const request of sent) expect(request.toWire()).toContain('User-Agent: tests')
  expect(net.stack.trunks!.get('u1')!.state).toBe('registered')
})

test('RFC 7616 §3.4.3: a body that onLocal gives each REGISTER is signed, asked for or not', async () => {
  const net = await trunkNetwork({ routes: 'test/scenarios/routes/trunks-calls.ts' })
  net.uas(REGISTRAR, challenge({ ...account, qop: 'auth-int', next: registrar() }))
  await insert(net)
  await reload(net)
  await net.advance('61s')
  const [first, ...signed] = sentTo(net, REGISTRAR, 'REGISTER ')
  expect(first).not.toContain('Authorization')
  expect(signed.map((wire) => wire.split('\r\n\r\n')[1])).toEqual(['register 2', 'register 3'])
  for (const wire of signed) expect(isRightDigest(wire, 'Proxy-Authorization', 'ralice', 'secret')).toBe(true)
})

test.each(['first', undefined])(
  'Case 54: a REGISTER that is challenged after a reload is repeated through the new onLocal: %s before',
  async (first) => {
    const bundle = (stamp: string | undefined) =>
      bundleOf(`onRequest(({ reply, uac }) => void uac.reg && reply(403))
${stamp === undefined ? '' : `onLocal(({ req }) => void req.headers.set('User-Agent', '${stamp}'))`}
`)
    const net = await trunkNetwork({ bundle: await bundle(first) })
    const uas = net.uas(REGISTRAR, delayed('3s', challenge({ ...account, next: inTurn(registrar()) })))
    await insert(net)
    await reload(net)
    await net.advance('2s')
    await net.reload(await bundle('second'))
    await net.advance('10s')
    expect(uas.requests('REGISTER').map((request) => header(request.toWire(), 'User-Agent'))).toEqual([first, 'second'])
    expect(net.stack.trunks!.get('u1')!.state).toBe('registered')
  },
)

test.each(['elsewhere', 'by-itself'])(
  'RFC 3261 §22.3: the password of a trunk is for its proxy alone, whatever realm another host names: %s',
  async (what) => {
    const { net } = await network(undefined, { realm: '' })
    const other = net.uas('127.0.0.66:5060', challenge({ ...account, realm: 'his own' }))
    const call = await net.uac().invite('sip:bob@127.0.0.1:5080', { headers: { 'X-Do': `${what} u1` } })
    expect(call.status).toBe(407)
    expect(other.requests('INVITE')).toHaveLength(1)
  },
)
