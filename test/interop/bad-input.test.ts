/** What is no SIP message is dropped or answered 400, counted by reason, and the next call works. */
import { expect, test } from 'vitest'
import { openPeers, outcome, type Peers } from './peers.ts'
import { answer, type Phone } from './phone.ts'
import { freeUdpPort } from './ports.ts'
import { program, type Signalbox } from './signalbox.ts'
import { until } from './wait.ts'

const DROPPED = 'signalbox_dropped_messages_total'
const REJECTED = 'signalbox_rejected_messages_total'

const noise = Uint8Array.from({ length: 300 }, (_, index) => (index * 7919 + 31) % 256)

/** What is sent; `message` is a good OPTIONS. */
const bad: [title: string, make: (message: string) => string | Uint8Array][] = [
  ['bytes that are noise', () => noise],
  ['an empty datagram', () => new Uint8Array()],
  ['text that is no message', () => 'hello, is anybody there?\r\n\r\n'],
  ['a request cut within its first line', (message) => message.slice(0, 12)],
  ['a request cut within its headers', (message) => message.slice(0, message.indexOf('CSeq') + 3)],
  ['a request without any header', (message) => `${message.slice(0, message.indexOf('\r\n'))}\r\n\r\n`],
  ['a first line of noise', (message) => message.replace('OPTIONS', '\0\x01\x02')],
]

async function proxyAndCarrier(peers: Peers): Promise<{ proxy: Signalbox; phone: Phone; call: () => Promise<void> }> {
  const target = await freeUdpPort()
  const proxy = await peers.signalbox(program('trunk-auth', target))
  const call = async (): Promise<void> => {
    const uas = await peers.uas('uas_auth_check', target)
    const uac = await peers.uac('uac_check', proxy.port, { calls: 5, rate: 20 })
    const all = { successful: 5, failed: 0 }
    expect(await outcome(uac, uas)).toMatchObject({ uac: all, uas: all })
  }
  return { proxy, phone: await peers.phone(), call }
}

async function refused(proxy: Signalbox): Promise<number> {
  return (await proxy.metric(DROPPED)) + (await proxy.metric(REJECTED))
}

test.each(bad)('%s: counted once, and the next calls work', async (title, make) => {
  const { proxy, phone, call } = await proxyAndCarrier(openPeers())
  const message = phone.request('OPTIONS', title.replace(/\W/g, '-'), proxy.port)
  await phone.send(make(message), proxy.port)
  await until('the datagram is counted', async () => (await refused(proxy)) === 1)
  await call()
  expect(await refused(proxy)).toBe(1)
  expect(await proxy.metrics()).toMatch(new RegExp(`^(${DROPPED}|${REJECTED})\\{[^}]*reason="\\w+"[^}]*\\} 1$`, 'm'))
})

test.each(['60', '-5', 'many'])(
  'RFC 3261 §18.3: a request with Content-Length %s and no body gets 400',
  async (length) => {
    const { proxy, phone, call } = await proxyAndCarrier(openPeers())
    const message = phone.request('OPTIONS', `length-${length}`, proxy.port)
    await phone.send(message.replace('Content-Length: 0', `Content-Length: ${length}`), proxy.port)
    await phone.receive('400')
    await until('the request is counted', async () => (await proxy.metric(REJECTED)) === 1)
    await call()
  },
)

test('RFC 3261 §18.3: a response whose body was cut is dropped', async () => {
  const { proxy, phone, call } = await proxyAndCarrier(openPeers())
  const request = phone.request('OPTIONS', 'cut', proxy.port)
  const response = request.replace(/^.*/, 'SIP/2.0 200 OK').replace('Content-Length: 0', 'Content-Length: 60')
  await phone.send(response, proxy.port)
  await until('the response is counted', async () => (await proxy.metric(DROPPED)) === 1)
  await call()
})

test('RFC 3261 §18.3: bytes after the body of a datagram are left out, and the request goes on', async () => {
  const peers = openPeers()
  const [caller, carrier] = [await peers.phone(), await peers.phone()]
  const proxy = await peers.signalbox(program('trunk-auth', carrier.port))
  await caller.send(`${caller.request('OPTIONS', 'trailing', proxy.port)}and more`, proxy.port)
  const options = await carrier.receive('OPTIONS')
  expect(options).not.toContain('and more')
  await carrier.send(answer(options, '200 OK'), proxy.port)
  await caller.receive('200')
  expect(await refused(proxy)).toBe(0)
})

test('a flood of all of it at once: the next calls work', async () => {
  const { proxy, phone, call } = await proxyAndCarrier(openPeers())
  const rounds = 20
  for (let round = 0; round < rounds; round++) {
    for (const [, make] of bad)
      await phone.send(make(phone.request('OPTIONS', `flood-${round}`, proxy.port)), proxy.port)
  }
  await until('all are counted', async () => (await refused(proxy)) === rounds * bad.length)
  await call()
})
