/** `onLocal`: what the routes may still do to a request of the proxy's own (RFC 3261 §8.1) before it leaves. */
import { answer, challenge } from '@signalbox/core/testing'
import { expect, test } from 'vitest'
import { isRightDigest } from './recompute-digest.ts'
import { sending } from './sending.ts'
import { digestParam, header, logged, requestUri, SECOND, sentTo, THIRD } from './wire.ts'

const local = { routes: 'test/scenarios/routes/send-local.ts' }
const account = { username: 'test', password: 'test' }
const to = (user: string) => ({ ruri: `sip:${user}@${SECOND}` })
const bus: NodeJS.EventEmitter = process

test('Case 54: a header added by onLocal is on the first request and on the authenticated one, once each', async () => {
  const { net, send } = await sending(challenge({ realm: 'r', status: 401, ...account }), local)
  expect((await send({ ...to('peer'), auth: account })).status).toBe(200)
  const sent = sentTo(net, SECOND, 'MESSAGE ')
  expect(sent.map((wire) => wire.match(/^X-Local: .*$/gm))).toEqual([['X-Local: yes'], ['X-Local: yes']])
  await net.advance(1)
  const seen = ['local MESSAGE false 127.0.0.1', 'local MESSAGE true 127.0.0.1', 'done', 'done']
  expect(logged(net, 'info')).toEqual(seen)
})

test('Case 54: drop sends nothing, and the promise says so: a 480 made here', async () => {
  const { net, send } = await sending(answer(), local)
  const res = await send(to('dropped'))
  expect([res.status, res.reason, res.local]).toEqual([480, 'Dropped Here', true])
  expect(net.network.sent).toEqual([])
  expect(logged(net, 'info')[1]).toBe(`onLocal dropped the MESSAGE to sip:dropped@${SECOND}: nothing is sent`)
})

test('Case 54: what onLocal changes is what is challenged, answered and told to the event', async () => {
  const events: string[] = []
  const hear = (event: string) => void events.push(event)
  bus.on('scenario:event', hear)
  const { net, send } = await sending(challenge({ realm: 'r', status: 401, ...account }), local)
  expect((await send({ ...to('changed'), auth: account, body: 'as given' })).status).toBe(200)
  bus.off('scenario:event', hear)
  const sent = sentTo(net, SECOND, 'MESSAGE ')
  expect(sent.map(requestUri)).toEqual([`sip:other@${SECOND}`, `sip:other@${SECOND}`])
  expect(sent.map((wire) => wire.split('\r\n\r\n')[1])).toEqual(['other', 'other'])
  expect(sent.map((wire) => header(wire, 'Content-Length'))).toEqual(['5', '5'])
  expect(digestParam(header(sent[1]!, 'Authorization'), 'uri')).toBe(`sip:other@${SECOND}`)
  expect(events).toEqual(['401 yes', '200 yes'])
})

test.each(['auth-int', 'auth'])(
  'RFC 7616 §3.4.6: what onLocal makes of the repeat is what is signed, with qop %s',
  async (qop) => {
    const carrier = challenge({ realm: 'r', status: 401, qop, also: [{ realm: 'q', qop, ...account }], ...account })
    const { net, send } = await sending(carrier, local)
    expect((await send({ ...to('numbered'), auth: account, body: 'as given' })).status).toBe(200)
    const sent = sentTo(net, SECOND, 'MESSAGE ')
    expect(sent.map((wire) => wire.split('\r\n\r\n')[1])).toEqual(['body 1', 'body 2'])
    for (const name of ['Authorization', 'Proxy-Authorization']) {
      expect(sent[1]!.match(new RegExp(`^${name}: `, 'gm'))).toHaveLength(1)
      expect(digestParam(header(sent[1]!, name), 'uri')).toBe(`sip:n2@${SECOND}`)
      // RFC 7616 §3.4: what was signed before and never left does not count.
      expect(digestParam(header(sent[1]!, name), 'nc')).toBe('00000001')
      expect(isRightDigest(sent[1]!, name, 'test', 'test')).toBe(true)
    }
  },
)

test('a next hop set by onLocal is where it goes', async () => {
  const { net, send } = await sending(answer(), local)
  net.uas(THIRD, answer())
  expect((await send({ ruri: 'sip:elsewhere@nowhere.example' })).status).toBe(200)
  expect(sentTo(net, THIRD, 'MESSAGE ').map(requestUri)).toEqual(['sip:elsewhere@nowhere.example'])
})

test('an onLocal that throws leaves the request as it was, and is told with its place', async () => {
  const { net, send } = await sending(answer(), local)
  expect((await send(to('throws'))).status).toBe(200)
  expect(header(sentTo(net, SECOND, 'MESSAGE ')[0]!, 'X-Local')).toBeUndefined()
  expect(logged(net, 'error')[0]).toMatch(/^onLocal threw: Error: no\n.*routes\/send-local\.ts:16:/)
})

test('what onLocal sends itself does not pass through it again', async () => {
  const { net, send } = await sending(answer(), local)
  expect((await send(to('sends'))).status).toBe(200)
  const sent = net.network.sent.filter(({ to }) => to === SECOND).map(({ wire }) => wire)
  expect(sent.map((wire) => [wire.split(' ', 1)[0], header(wire, 'X-Local')])).toEqual([
    ['INFO', undefined],
    ['MESSAGE', 'yes'],
  ])
})

test('an onLocal that awaits is waited for, and no longer than the request’s own timeout', async () => {
  const { net, send } = await sending(answer(), local)
  expect((await send(to('waits'))).status).toBe(200)
  expect(header(sentTo(net, SECOND, 'MESSAGE ')[0]!, 'X-Local')).toBe('yes')
  expect((await send({ ...to('hangs'), timeout: '3s' })).status).toBe(408)
  bus.emit('scenario:go-on')
  await net.advance(1)
  expect(sentTo(net, SECOND, 'MESSAGE ')).toHaveLength(1)
})
