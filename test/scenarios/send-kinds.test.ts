/** `uac.send` from every kind of route, from timers, many at once, across reloads and restarts: RFC 3261 §8.1 asks only for an answer each. */
import {
  answer,
  inTurn,
  reject,
  ringing,
  simulate,
  silent,
  type Incoming,
  type Simulation,
} from '@signalbox/core/testing'
import { afterEach, expect, test, vi } from 'vitest'
import { PEER, sending } from './sending.ts'
import { CARRIER, header, logged, PHONE, SECOND, sentTo } from './wire.ts'

afterEach(() => void vi.useRealTimers())

const bus: NodeJS.EventEmitter = process
const routes = (name: string) => `test/scenarios/routes/${name}.ts`

function kinds(net: Simulation): (string | undefined)[] {
  return sentTo(net, SECOND, 'INFO ').map((wire) => header(wire, 'X-Kind'))
}

function generations(net: Simulation): string[] {
  return net.stack.runtime.list().map(({ number, state, transactions }) => `${number} ${state} ${transactions}`)
}

test('from every kind of route, and the route goes on with the answer', async () => {
  const net = await simulate({ routes: routes('send-everywhere') })
  net.uas(SECOND, answer())
  net.uas(CARRIER, inTurn(reject(486), answer()))
  const phone = net.uac(PHONE)
  expect(await phone.invite('sip:fails@127.0.0.1:5080')).toBeAnsweredWith(486)
  const order = ['load', 'local', 'request', 'event', 'branch', 'reply', 'branchFailure', 'failure']
  expect([...new Set(kinds(net))]).toEqual(order)
  const call = await phone.invite('sip:answers@127.0.0.1:5080')
  expect((await call.bye()).status).toBe(200)
  expect(kinds(net).at(-1)).toBe('inDialog')
  await net.reload(routes('reply-routes'))
  // The INVITE's 200 may come again until timer M.
  await net.advance('32s')
  expect(kinds(net)).toContain('dispose')
  expect(logged(net, 'info').at(-1)).toBe('dispose told: 200')
  expect(generations(net)).toEqual(['2 live 0', '1 disposed 0'])
})

test('from a timer of onLoad, until its generation is disposed', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const net = await simulate({ routes: routes('send-timer') })
  net.uas(SECOND, answer())
  await ticks(net, 2)
  expect(logged(net, 'info')).toEqual(['ping 200 OK', 'ping 200 OK'])
  await net.reload(routes('send-timer'))
  expect(logged(net, 'info').slice(2)).toEqual(['aborted', 'disposed'])
  await ticks(net, 1)
  // One generation pings, not two.
  expect(sentTo(net, SECOND, 'OPTIONS ')).toHaveLength(3)
})

test('a timer that nobody stopped ends with its generation', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const keep = () => undefined
  bus.on('scenario:keep', keep)
  // Not tied to this test, which would fail with it.
  vi.stubEnv('VITEST', undefined)
  const net = await simulate({ routes: routes('send-timer') })
  vi.unstubAllEnvs()
  net.uas(SECOND, answer())
  await net.reload(routes('send-timer'))
  bus.off('scenario:keep', keep)
  await ticks(net, 1)
  expect(sentTo(net, SECOND, 'OPTIONS ')).toHaveLength(1)
  expect(logged(net, 'info').slice(2)).toEqual(['ping 200 OK'])
  await expect(net.close()).rejects.toThrow('1 timer of the routes')
})

test('pings that are never answered do not keep their generation', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const net = await simulate({ routes: routes('send-timer') })
  net.uas(SECOND, silent())
  vi.advanceTimersByTime(30_000)
  await net.advance('10s')
  await net.reload(routes('send-timer'))
  expect(generations(net)).toEqual(['2 live 0', '1 disposed 0'])
  await net.advance('30s')
  expect(logged(net, 'info')).toEqual(['aborted', 'disposed', 'ping 408 Request Timeout'])
})

test('2000 at once, each by a call of its own: every one has its own answer, and nothing is left', async () => {
  const echo = (incoming: Incoming) =>
    incoming.after(100, () => incoming.answer(200, { 'X-Echo': incoming.request.body }))
  const net = await simulate({ routes: routes('send-many') })
  net.uas(SECOND, echo)
  const phone = net.uac(PHONE)
  const calls = Array.from({ length: 2_000 }, (_, i) =>
    phone.dial(`sip:user${i}@127.0.0.1:5080`, { method: 'MESSAGE' }),
  )
  for (const call of calls) await net.until(call.answered)
  expect(calls.map((call) => `${call.status} ${call.final?.reason}`)).toEqual(calls.map((_, i) => `200 user${i}`))
  const ids = sentTo(net, SECOND, 'INFO ').map((wire) => header(wire, 'Call-ID'))
  expect(new Set(ids).size).toBe(2_000)
  expect([net.stack.requests.size, net.stack.sending]).toEqual([0, 0])
})

test(
  '5000 at once from one place, some answered, some challenged, some lost, some silent: each ends once',
  { timeout: 30_000 },
  async () => {
    const behaviour = (incoming: Incoming) => {
      const { user } = incoming.request.uri!
      if (user === 'answers') incoming.answer(200)
      else if (user === 'asks') challengeOnce(incoming)
    }
    const { net, begin } = await sending(behaviour, { routes: routes('send-many') })
    let datagrams = 0
    net.filter = () => (++datagrams % 7 === 0 ? 0 : 1)
    const users = ['answers', 'asks', 'silent', 'answers']
    const all = Array.from({ length: 5_000 }, (_, i) =>
      begin({ ruri: `sip:${users[i % 4]}@${SECOND}`, auth: { username: 'u', password: 'p' } }),
    )
    expect(net.stack.requests.size).toBe(5_000)
    const statuses = (await net.until(Promise.all(all))).map(({ status }) => status)
    const expected = users.map((user) => (user === 'silent' ? 408 : 200))
    expect(statuses).toEqual(all.map((_, i) => expected[i % 4]))
    expect(net.stack.requests.size).toBe(0)
  },
)

function challengeOnce(incoming: Incoming): void {
  if (incoming.request.named('Authorization').length > 0) incoming.answer(200)
  else incoming.answer(401, { 'WWW-Authenticate': `Digest realm="r", nonce="n"` })
}

test('RFC 3261 §16.10: the caller hangs up while his route awaits a send: the send goes on, the action does nothing', async () => {
  const net = await simulate({ routes: routes('send-many') })
  net.uas(SECOND, answer({ status: 403, ring: false, after: '3s' }))
  const call = net.uac(PHONE).dial('sip:bob@127.0.0.1:5080')
  await net.advance('1s')
  call.cancel()
  await net.until(call.answered)
  expect(call.status).toBe(487)
  expect([net.stack.requests.size, net.stack.runtime.live.info.transactions]).toEqual([1, 2])
  await net.advance('3s')
  expect(call.status).toBe(487)
  expect([net.stack.requests.size, net.stack.runtime.live.info.transactions]).toEqual([0, 0])
})

test('a reload while a send of a call is out: its generation waits for the answer and goes on there', async () => {
  const net = await simulate({ routes: routes('send-many') })
  net.uas(SECOND, answer({ status: 403, ring: false, after: '3s' }))
  const call = net.uac(PHONE).dial('sip:bob@127.0.0.1:5080', { method: 'MESSAGE' })
  await net.advance('1s')
  await net.reload(routes('generation-2'))
  expect(generations(net)).toEqual(['2 live 0', '1 draining 2'])
  await net.until(call.answered)
  expect(call.status).toBe(403)
  expect(generations(net)).toEqual(['2 live 0', '1 disposed 0'])
})

test('a restart forgets what was out; what is sent afterwards has other ids', async () => {
  const { net, begin } = await sending(silent())
  const lost = begin({})
  await net.advance('1s')
  const given = new Promise<{ send: typeof begin }>((resolve) => bus.once('scenario:uac', resolve))
  net.restart()
  const { send } = await given
  const res = await net.until(send({ method: 'MESSAGE', ruri: PEER, timeout: '1s' }))
  expect(res.status).toBe(408)
  const isOver = await Promise.race([lost.then(() => true), Promise.resolve(false)])
  expect(isOver).toBe(false)
  const ids = sentTo(net, SECOND, 'MESSAGE ').map((wire) => header(wire, 'Call-ID'))
  expect(new Set(ids).size).toBe(2)
})

test('draining waits for the answer to a request of our own, and giving up ends it: 503, and a call that rings is cancelled', async () => {
  const { net, peer, begin } = await sending(ringing())
  const out = [begin({ method: 'INVITE' }), begin({})]
  await net.advance('1s')
  net.stack.drain()
  expect(net.stack.unanswered()).toBe(2)
  expect(net.stack.abandon()).toBe(2)
  expect(net.stack.unanswered()).toBe(0)
  for (const each of out) {
    const res = await each
    expect([res.status, res.reason, res.local]).toEqual([503, 'Shutting Down', true])
  }
  await net.advance('1s')
  expect(peer.requests('CANCEL')).toHaveLength(1)
})

/** A timer of the routes fires, and what it began is answered. */
async function ticks(net: Simulation, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    vi.advanceTimersByTime(30_000)
    await net.advance('1s')
  }
}
