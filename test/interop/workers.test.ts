/**
 * `workers: 2`, real processes on one port: calls from several sources at once, which the kernel spreads as it likes. None fails, each stays in one
 * worker, and what came to the wrong one was handed over.
 */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { callerAnswers, carrierDialogs } from './dialogs.ts'
import { checkDigests } from './digest.ts'
import { openPeers, outcome, type Load, type Peers } from './peers.ts'
import { answer, cancel, type Phone } from './phone.ts'
import { freeUdpPort } from './ports.ts'
import { rpc } from './registrations.ts'
import { program, type Signalbox } from './signalbox.ts'
import { cseq, header, topBranch } from './sipp-trace.ts'
import { finish, type Sipp } from './sipp.ts'
import { allAreBusy, callIdFor, series, two } from './worker-calls.ts'

const bench = join(import.meta.dirname, '../../bench/sipp')
const SOURCES = 3
const CALLS = 300
const RATE = 60
const WARM_UP = 40
const owners = [0, 1]

const registrar = `import { onRequest } from '@signalbox/dsl'

onRequest(async ({ req, registrar, relay, reply }) => {
  if (req.method === 'REGISTER') return registrar.save()
  if (await registrar.lookup()) return relay()
  reply(404)
})
`

/** What comes late is not wrong. */
const flags = ['-default_behaviors', 'all,-abortunexp']

/** Several callers at once, each from a port of its own. */
function callers(peers: Peers, { port }: Signalbox, load: Load): Promise<Sipp[]> {
  return Promise.all(Array.from({ length: SOURCES }, () => peers.uac('uac_check', port, load)))
}

test('RFC 3261 §22.2: 180 challenged calls a second from three ports: none fails, both workers have calls, nothing is sent twice', async () => {
  const peers = openPeers()
  const target = await freeUdpPort()
  const carrier = await peers.uas(join(bench, 'uas_auth'), target, { isLoad: true, flags })
  const proxy = await peers.signalbox(program('trunk-auth', target), two)
  // Until the code is warm, so many at once may be too many for the machine.
  await callers(peers, proxy, { calls: WARM_UP, rate: RATE / 4, isLoad: true })
  const calling = callers(peers, proxy, { calls: CALLS, rate: RATE, isLoad: true })
  await allAreBusy(proxy)

  let repeated = 0
  for (const caller of await calling) {
    const { successful, failed, reasons, retransmissions } = caller.statistics()
    expect({ successful, failed, reasons }).toEqual({ successful: CALLS, failed: 0, reasons: {} })
    repeated += retransmissions
  }
  const { failed, retransmissions } = await finish(carrier)
  expect(failed).toBe(0)
  const count = (result: string) => series(proxy, `signalbox_handed_over_total{result="${result}"}`)
  const [sent, received] = [await count('sent'), await count('received')]
  console.info(`retransmissions: callers ${repeated}, carrier ${retransmissions}; handed over: ${sent}`)
  expect(repeated + retransmissions).toBeLessThan((SOURCES * CALLS) / 50)
  expect(sent).toBeGreaterThan(0)
  expect(received).toBe(sent)
  // Of both workers together.
  expect(await series(proxy, 'signalbox_requests_total{method="BYE"}')).toBe(SOURCES * (WARM_UP + CALLS))
}, 60_000)

test('RFC 3261 §22.2: challenged calls from three ports are on the wire what they are with one worker', async () => {
  const peers = openPeers()
  const target = await freeUdpPort()
  const carrier = await peers.uas('uas_auth_check', target)
  const proxy = await peers.signalbox(program('trunk-auth', target), two)
  for (const caller of await callers(peers, proxy, { calls: 40, rate: 20 })) {
    expect(caller.statistics()).toMatchObject({ successful: 40, failed: 0, reasons: {} })
    expect(callerAnswers(caller.messages())).toEqual(['INVITE 1, BYE 2'])
  }
  await finish(carrier)
  expect(carrierDialogs(carrier.messages())).toEqual(['INVITE 1, ACK 1, INVITE 2, ACK 2, BYE 3'])
  expect(checkDigests(carrier.log(), 'test')).toEqual({ checked: SOURCES * 40, wrong: [] })
})

test('RFC 3261 §16.10: CANCELs reach the carrier, whichever worker they come to', async () => {
  const peers = openPeers()
  const target = await freeUdpPort()
  const carrier = await peers.uas('uas_cancel', target)
  const proxy = await peers.signalbox(program('trunk-auth', target), two)
  const caller = await peers.uac('uac_cancel', proxy.port, { calls: 100, rate: 50 })
  const all = { successful: 100, failed: 0, reasons: {} }
  expect(await outcome(caller, carrier)).toMatchObject({ uac: all, uas: all })
  expect(carrierDialogs(carrier.messages())).toEqual(['INVITE 1, CANCEL 1, ACK 1'])
})

async function register(phone: Phone, proxy: Signalbox, name: string): Promise<void> {
  const request = phone.request('REGISTER', `register-${name}-${phone.port}`, proxy.port)
  await phone.send(request.replace(/^To: .*$/m, `To: <sip:${name}@127.0.0.1>`), proxy.port)
  expect(await phone.receive('200')).toContain(`${phone.port}>;expires=`)
}

function invite(phone: Phone, callId: string, proxy: Signalbox, name: string): string {
  return phone.request('INVITE', callId, proxy.port).replace('sip:service@', `sip:${name}@`)
}

test('RFC 3261 §16.5: what registered at worker 0 is called through both', async () => {
  const peers = openPeers()
  const target = await freeUdpPort()
  const callee = await peers.uas('uas_check', target)
  const proxy = await peers.signalbox(registrar, two)
  const phone = await peers.phone()
  const request = phone.request('REGISTER', callIdFor(1, 'register'), proxy.port)
  const contact = `Contact: <sip:bob@127.0.0.1:${target}>`
  await phone.send(
    request.replace(/^To: .*$/m, 'To: <sip:bob@127.0.0.1>').replace(/^Contact: .*$/m, contact),
    proxy.port,
  )
  await phone.receive('200')
  const calling = peers.uac('uac_check', proxy.port, { calls: 200, rate: 100, service: 'bob' })
  await allAreBusy(proxy)
  const all = { successful: 200, failed: 0, reasons: {} }
  expect(await outcome(await calling, callee)).toMatchObject({ uac: all, uas: all })
  expect(await proxy.metric('signalbox_location_contacts')).toBe(1)
  expect(await rpc(proxy.adminPort, 'ul.dump')).toMatchObject({ Domains: [{ Domain: { Stats: { Contacts: 1 } } }] })
})

test.each(owners)(
  'RFC 3261 §16.7 step 10: worker %i forks a call to two phones, and the one that lost is cancelled',
  async (owner) => {
    const peers = openPeers()
    const [caller, bob, desk] = [await peers.phone(), await peers.phone(), await peers.phone()]
    const proxy = await peers.signalbox(registrar, two)
    for (const phone of [bob, desk]) await register(phone, proxy, 'bob')
    await caller.send(invite(caller, callIdFor(owner, 'fork'), proxy, 'bob'), proxy.port)
    const [atBob, atDesk] = await Promise.all([bob.receive('INVITE'), desk.receive('INVITE')])
    await desk.send(answer(atDesk, '180 Ringing'), proxy.port)
    await caller.receive('180')
    await bob.send(answer(atBob, '200 OK', `Contact: <sip:bob@127.0.0.1:${bob.port}>`), proxy.port)
    const answered = await caller.receive('200')
    const cancelled = await desk.receive('CANCEL')
    expect(topBranch(cancelled)).toBe(topBranch(atDesk))
    await desk.send(answer(cancelled, '200 OK'), proxy.port)
    await desk.send(answer(atDesk, '487 Request Terminated'), proxy.port)
    await desk.receive('ACK')
    await caller.send(caller.inDialog('ACK', 1, answered), proxy.port)
    expect(cseq(await bob.receive('ACK'))).toBe('ACK 1')
    // From the other side, and so from another source.
    await bob.send(bob.inDialog('BYE', 5, atBob), proxy.port)
    const bye = await caller.receive('BYE')
    await caller.send(answer(bye, '200 OK'), proxy.port)
    expect(header(await bob.receive('200'), 'CSeq')).toBe('5 BYE')
  },
)

test.each(owners)(
  'RFC 3261 §9.2: a call of worker %i is cancelled from another port than it came from',
  async (owner) => {
    const peers = openPeers()
    const [caller, bob] = [await peers.phone(), await peers.phone()]
    const proxy = await peers.signalbox(registrar, two)
    await register(bob, proxy, 'bob')
    const request = invite(caller, callIdFor(owner, 'cancel'), proxy, 'bob')
    await caller.send(request, proxy.port)
    const arrived = await bob.receive('INVITE')
    await bob.send(answer(arrived, '180 Ringing'), proxy.port)
    await caller.receive('180')
    // The kernel takes each of these to the worker it likes.
    for (const phone of [await peers.phone(), await peers.phone(), await peers.phone(), await peers.phone()])
      await phone.send(cancel(request), proxy.port)
    const cancelled = await bob.receive('CANCEL')
    await bob.send(answer(cancelled, '200 OK'), proxy.port)
    await bob.send(answer(arrived, '487 Request Terminated'), proxy.port)
    expect(cseq(await caller.receive('487'))).toBe('INVITE 1')
  },
)
