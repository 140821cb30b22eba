/**
 * RFC 3261 §22.2 makes a retry with credentials a new request with CSeq + 1, and the caller does not know of it. What that
 * does to the rest of the dialog, message by message: towards the carrier shifted, back shifted back, upstream left alone.
 */
import { expect, test } from 'vitest'
import { openPeers, type Peers } from './peers.ts'
import { answer, type Phone } from './phone.ts'
import { program, type Signalbox } from './signalbox.ts'
import { cseq, header, topBranch } from './sipp-trace.ts'

const CHALLENGE = 'Proxy-Authenticate: Digest realm="carrier.example", nonce="n1", algorithm=MD5'

interface Call {
  caller: Phone
  carrier: Phone
  proxy: Signalbox
  /** The caller's INVITE, and the retry that reached the carrier. */
  invite: string
  retry: string
}

/** A call that was challenged and rings. */
async function ringing(peers: Peers): Promise<Call> {
  const [caller, carrier] = [await peers.phone(), await peers.phone()]
  const proxy = await peers.signalbox(program('trunk-auth', carrier.port))
  const invite = caller.request('INVITE', 'shifted', proxy.port)
  await caller.send(invite, proxy.port)
  const first = await carrier.receive('INVITE')
  await carrier.send(answer(first, '407 Proxy Authentication Required', CHALLENGE), proxy.port)
  expect(cseq(await carrier.receive('ACK'))).toBe('ACK 1')
  const retry = await carrier.receive('INVITE')
  expect(cseq(retry)).toBe('INVITE 2')
  await carrier.send(answer(retry, '180 Ringing', `Contact: <sip:b@127.0.0.1:${carrier.port}>`), proxy.port)
  expect(cseq(await caller.receive('180'))).toBe('INVITE 1')
  return { caller, carrier, proxy, invite, retry }
}

/** The same, answered and acknowledged. `answered` is the 200 as the caller got it. */
async function established(peers: Peers): Promise<Call & { answered: string }> {
  const call = await ringing(peers)
  const { caller, carrier, proxy, retry } = call
  await carrier.send(answer(retry, '200 OK', `Contact: <sip:b@127.0.0.1:${carrier.port}>`), proxy.port)
  const answered = await caller.receive('200')
  expect(cseq(answered)).toBe('INVITE 1')
  await caller.send(caller.inDialog('ACK', 1, answered), proxy.port)
  expect(cseq(await carrier.receive('ACK'))).toBe('ACK 2')
  return { ...call, answered }
}

test("RFC 3261 §13.2.2.4, §12.2.1.1: the caller's ACK, re-INVITE and BYE arrive with CSeq + 1, answers come back as asked", async () => {
  const { caller, carrier, proxy, answered } = await established(openPeers())
  for (const [number, method] of [
    [2, 'INVITE'],
    [3, 'BYE'],
  ] as const) {
    await caller.send(caller.inDialog(method, number, answered), proxy.port)
    const request = await carrier.receive(method)
    expect(cseq(request)).toBe(`${method} ${number + 1}`)
    await carrier.send(answer(request, '200 OK'), proxy.port)
    expect(cseq(await caller.receive('200'))).toBe(`${method} ${number}`)
  }
})

test("RFC 3261 §12.2.1.1: the carrier's own BYE passes as it came, and so does its answer", async () => {
  const { caller, carrier, proxy, retry } = await established(openPeers())
  await carrier.send(carrier.inDialog('BYE', 7, retry), proxy.port)
  const bye = await caller.receive('BYE')
  expect(cseq(bye)).toBe('BYE 7')
  await caller.send(answer(bye, '200 OK'), proxy.port)
  expect(cseq(await carrier.receive('200'))).toBe('BYE 7')
})

test('RFC 3261 §9.1: a CANCEL goes to the retry, with its branch and its CSeq', async () => {
  const { caller, carrier, proxy, invite, retry } = await ringing(openPeers())
  await caller.send(invite.replace(/^INVITE/, 'CANCEL').replace('CSeq: 1 INVITE', 'CSeq: 1 CANCEL'), proxy.port)
  expect(cseq(await caller.receive('200'))).toBe('CANCEL 1')
  const cancel = await carrier.receive('CANCEL')
  expect(cseq(cancel)).toBe('CANCEL 2')
  expect(topBranch(cancel)).toBe(topBranch(retry))
  await carrier.send(answer(cancel, '200 OK'), proxy.port)
  await carrier.send(answer(retry, '487 Request Terminated'), proxy.port)
  expect(cseq(await caller.receive('487'))).toBe('INVITE 1')
  expect(cseq(await carrier.receive('ACK'))).toBe('ACK 2')
})

test('RFC 3261 §17.1.1.2: a caller that repeats its INVITE causes nothing new at the carrier', async () => {
  const { caller, carrier, proxy, invite } = await ringing(openPeers())
  await caller.send(invite, proxy.port)
  expect(cseq(await caller.receive('180'))).toBe('INVITE 1')
  expect(carrier.received.filter((text) => text.startsWith('INVITE'))).toHaveLength(2)
})

test('a proxy started anew in the middle of a call shifts the rest of it all the same', async () => {
  const peers = openPeers()
  const { caller, carrier, proxy, answered } = await established(peers)
  await proxy.stop()
  const { port, adminPort } = proxy
  const anew = peers.launch(program('trunk-auth', carrier.port), { port, adminPort })
  await anew.ready(async () => (await anew.readiness()) === 200)
  await caller.send(caller.inDialog('BYE', 2, answered), port)
  const bye = await carrier.receive('BYE')
  expect(cseq(bye)).toBe('BYE 3')
  expect(header(bye, 'Route')).toBe('')
  await carrier.send(answer(bye, '200 OK'), port)
  expect(cseq(await caller.receive('200'))).toBe('BYE 2')
})
