/** A caller who is anonymous behind us, with Kamailio between us and the callee, over UDP: what each side reads, message by message. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPeers, type Peers } from './peers.ts'
import { answer, type Phone } from './phone.ts'
import { freeTcpPort, freeUdpPort } from './ports.ts'
import { program, type Signalbox } from './signalbox.ts'
import { header, headers } from './sipp-trace.ts'

const ALICE = '"Alice Liddell" <sip:alice@wonderland.example>;tag=identity'
const ANONYMOUS = 'Anonymous <sip:anonymous@anonymous.invalid>;tag=identity'
const config = { uac: { restorePassword: 'shared by all nodes' } }

interface Call {
  caller: Phone
  callee: Phone
  proxy: Signalbox
  /** Kamailio. */
  exit: number
  arrived: string
  answered: string
}

/** An answered call; nothing was acknowledged yet. */
async function answeredCall(peers: Peers): Promise<Call> {
  const [caller, callee] = [await peers.phone(), await peers.phone()]
  const exit = await freeUdpPort()
  const relay = join(import.meta.dirname, 'kamailio', 'relay.cfg')
  await peers.kamailio(relay, { port: exit, target: callee.port })
  const proxy = await peers.signalbox(program('anonymous', exit), config)
  const plain = caller.request('INVITE', 'identity', proxy.port)
  await caller.send(plain.replace(/^From: .*$/m, `From: ${ALICE}`), proxy.port)
  const arrived = await callee.receive('INVITE')
  const contact = `Contact: <sip:callee@${callee.host}:${callee.port}>`
  await callee.send(answer(arrived, '180 Ringing', contact), exit)
  expect(header(await caller.receive('180'), 'From')).toBe(ALICE)
  await callee.send(answer(arrived, '200 OK', contact), exit)
  const answered = await caller.receive('200')
  return { caller, callee, proxy, exit, arrived, answered }
}

/** A request of the caller, answered. */
async function downstream({ caller, callee, proxy, exit, answered }: Call, method: string, number: number) {
  await caller.send(caller.inDialog(method, number, answered), proxy.port)
  const request = await callee.receive(method)
  expect(header(request, 'From')).toBe(ANONYMOUS)
  await callee.send(answer(request, '200 OK'), exit)
  expect(header(await caller.receive('200'), 'From')).toBe(ALICE)
}

test('the whole call: the callee reads of nobody but Anonymous, the caller of himself', async () => {
  const call = await answeredCall(openPeers())
  const { caller, callee, proxy, exit, arrived, answered } = call
  expect(header(arrived, 'From')).toBe(ANONYMOUS)
  expect(headers(arrived, 'Record-Route')).toHaveLength(2)
  expect(header(answered, 'From')).toBe(ALICE)
  await caller.send(caller.inDialog('ACK', 1, answered), proxy.port)
  expect(header(await callee.receive('ACK'), 'From')).toBe(ANONYMOUS)

  await callee.send(callee.inDialog('INFO', 7, arrived), exit)
  const info = await caller.receive('INFO')
  expect(header(info, 'To')).toBe(ALICE)
  await caller.send(answer(info, '200 OK'), proxy.port)
  expect(header(await callee.receive('200'), 'To')).toBe(ANONYMOUS)

  await downstream(call, 'INVITE', 2)
  await downstream(call, 'BYE', 3)
  expect(callee.received.join()).not.toMatch(/wonderland|Liddell/)
})

test('another node with the same password ends it', async () => {
  const peers = openPeers()
  const call = await answeredCall(peers)
  const { caller, callee, proxy, exit, arrived } = call
  await proxy.stop()
  const { port, adminPort } = proxy
  const anew = peers.launch(program('anonymous', exit), { port, adminPort }, config)
  await anew.ready(async () => (await anew.readiness()) === 200)
  await callee.send(callee.inDialog('BYE', 8, arrived), exit)
  const bye = await caller.receive('BYE')
  expect(header(bye, 'To')).toBe(ALICE)
  await caller.send(answer(bye, '200 OK'), port)
  expect(header(await callee.receive('200'), 'To')).toBe(ANONYMOUS)
})

/** A call that was made through one proxy goes on through the other, which has the same port and password. */
type Start = (peers: Peers, ports: { port: number; target: number }) => Promise<{ stop(): Promise<unknown> }>

const kamailio: Start = (peers, ports) => peers.kamailio(join(import.meta.dirname, 'kamailio', 'anonymous.cfg'), ports)

const signalbox: Start = async (peers, { port, target }) => {
  const uac = { restoreFormat: 'kamailio', restorePassword: 'secret' }
  const proxy = peers.launch(program('anonymous', target), { port, adminPort: await freeTcpPort() }, { uac })
  return proxy.ready(async () => (await proxy.readiness()) === 200)
}

test.each([
  ['Kamailio made is ours now', kamailio, signalbox],
  ['we made is Kamailio’s now', signalbox, kamailio],
])('a dialog that %s, in both directions', async (_, first, second) => {
  const peers = openPeers()
  const [caller, callee, port] = [await peers.phone(), await peers.phone(), await freeUdpPort()]
  const made = await first(peers, { port, target: callee.port })
  const plain = caller.request('INVITE', 'identity', port)
  await caller.send(plain.replace(/^From: .*$/m, `From: <sip:alice@wonderland.example>;tag=identity`), port)
  const arrived = await callee.receive('INVITE')
  expect(header(arrived, 'From')).toContain('<sip:anonymous@anonymous.invalid>')
  await callee.send(answer(arrived, '200 OK', `Contact: <sip:callee@${callee.host}:${callee.port}>`), port)
  const answered = await caller.receive('200')
  await made.stop()
  await second(peers, { port, target: callee.port })

  await caller.send(caller.inDialog('ACK', 1, answered), port)
  expect(header(await callee.receive('ACK'), 'From')).toBe('<sip:anonymous@anonymous.invalid>;tag=identity')
  await callee.send(callee.inDialog('BYE', 7, arrived), port)
  // Without its display name, which this form does not carry.
  expect(header(await caller.receive('BYE'), 'To')).toContain('<sip:alice@wonderland.example>;tag=identity')
})
