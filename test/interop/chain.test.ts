/** Another proxy beside us, Kamailio, before us and behind us, both of which record-route: whole calls, and who ends them. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPeers, outcome, type Peers } from './peers.ts'
import { answer, cancel, type Phone } from './phone.ts'
import { freeUdpPort } from './ports.ts'
import { program } from './signalbox.ts'
import { cseq, header, headers, topBranch } from './sipp-trace.ts'

const config = join(import.meta.dirname, 'kamailio', 'relay.cfg')
const CALLS = 50
const load = { calls: CALLS, rate: 50 }
const all = { successful: CALLS, failed: 0, reasons: {} }
const CHALLENGE = 'Proxy-Authenticate: Digest realm="carrier.example", nonce="n1", algorithm=MD5'

/** Where calls go in, and where the callee's own messages go. */
interface Chain {
  entry: number
  exit: number
}

type MakeChain = (peers: Peers, callee: number) => Promise<Chain>

const kamailioFirst: MakeChain = async (peers, callee) => {
  const { port: exit } = await peers.signalbox(program('trunk-auth', callee))
  const entry = await freeUdpPort()
  await peers.kamailio(config, { port: entry, target: exit })
  return { entry, exit }
}

const kamailioSecond: MakeChain = async (peers, callee) => {
  const exit = await freeUdpPort()
  await peers.kamailio(config, { port: exit, target: callee })
  const { port: entry } = await peers.signalbox(program('trunk-auth', exit))
  return { entry, exit }
}

const orders: [string, MakeChain][] = [
  ['Kamailio, then us', kamailioFirst],
  ['we, then Kamailio', kamailioSecond],
]

/** A phone has called another, whose INVITE is here. */
async function called(makeChain: MakeChain) {
  const peers = openPeers()
  const [caller, callee] = [await peers.phone(), await peers.phone()]
  const chain = await makeChain(peers, callee.port)
  const invite = caller.request('INVITE', 'chain', chain.entry)
  await caller.send(invite, chain.entry)
  const arrived = await callee.receive('INVITE')
  expect(headers(arrived, 'Record-Route')).toHaveLength(2)
  return { ...chain, caller, callee, invite, arrived }
}

const contact = ({ host, port }: Phone): string => `Contact: <sip:callee@${host}:${port}>`

test.each(orders)('%s: the caller hangs up', async (_, makeChain) => {
  const peers = openPeers()
  const target = await freeUdpPort()
  const uas = await peers.uas('uas_chain', target)
  const { entry } = await makeChain(peers, target)
  const uac = await peers.uac('uac_check', entry, load)
  expect(await outcome(uac, uas)).toMatchObject({ uac: all, uas: all })
})

test.each(orders)('%s: the callee hangs up', async (_, makeChain) => {
  const peers = openPeers()
  const target = await freeUdpPort()
  const uas = await peers.uas('uas_hangs_up', target)
  const { entry } = await makeChain(peers, target)
  const uac = await peers.uac('uac_hung_up', entry, load)
  expect(await outcome(uac, uas)).toMatchObject({ uac: all, uas: all })
})

test.each(orders)('%s: RFC 3261 §9.1: a CANCEL goes through, hop by hop', async (_, makeChain) => {
  const { caller, callee, entry, exit, invite, arrived } = await called(makeChain)
  await callee.send(answer(arrived, '180 Ringing', contact(callee)), exit)
  await caller.receive('180')
  await caller.send(cancel(invite), entry)
  expect(cseq(await caller.receive('200'))).toBe('CANCEL 1')
  const cancelled = await callee.receive('CANCEL')
  expect(topBranch(cancelled)).toBe(topBranch(arrived))
  await callee.send(answer(cancelled, '200 OK'), exit)
  await callee.send(answer(arrived, '487 Request Terminated'), exit)
  expect(cseq(await caller.receive('487'))).toBe('INVITE 1')
  expect(cseq(await callee.receive('ACK'))).toBe('ACK 1')
})

test.each(orders)(
  '%s: RFC 3261 §16.7: a 486 goes through, and is acknowledged by the next hop',
  async (_, makeChain) => {
    const { caller, callee, exit, arrived } = await called(makeChain)
    await callee.send(answer(arrived, '486 Busy Here'), exit)
    expect(cseq(await callee.receive('ACK'))).toBe('ACK 1')
    expect(cseq(await caller.receive('486'))).toBe('INVITE 1')
  },
)

test.each(orders)('%s: RFC 3261 §22.2: our route answers a 407, for the whole dialog', async (_, makeChain) => {
  const { caller, callee, entry, exit, arrived } = await called(makeChain)
  await callee.send(answer(arrived, '407 Proxy Authentication Required', CHALLENGE), exit)
  expect(cseq(await callee.receive('ACK'))).toBe('ACK 1')
  const retry = await callee.receive('INVITE')
  expect(cseq(retry)).toBe('INVITE 2')
  expect(header(retry, 'Proxy-Authorization')).toContain('response=')
  await callee.send(answer(retry, '200 OK', contact(callee)), exit)
  const answered = await caller.receive('200')
  expect(cseq(answered)).toBe('INVITE 1')
  await caller.send(caller.inDialog('ACK', 1, answered), entry)
  expect(cseq(await callee.receive('ACK'))).toBe('ACK 2')

  await callee.send(callee.inDialog('INFO', 7, retry), exit)
  const info = await caller.receive('INFO')
  expect(cseq(info)).toBe('INFO 7')
  await caller.send(answer(info, '200 OK'), entry)
  expect(cseq(await callee.receive('200'))).toBe('INFO 7')

  await caller.send(caller.inDialog('BYE', 2, answered), entry)
  const bye = await callee.receive('BYE')
  expect(cseq(bye)).toBe('BYE 3')
  await callee.send(answer(bye, '200 OK'), exit)
  expect(cseq(await caller.receive('200'))).toBe('BYE 2')
})
