/** IPv4 on one side and IPv6 on the other: two sockets, both of which are recorded, so that each side keeps to the one it reaches (RFC 5658). */
import { expect, test } from 'vitest'
import { openPeers, outcome, type Peers } from './peers.ts'
import { answer } from './phone.ts'
import { freeUdpPort } from './ports.ts'
import type { Signalbox } from './signalbox.ts'
import { cseq, header, headers } from './sipp-trace.ts'

const LOOPBACK = { IPv4: '127.0.0.1', IPv6: '::1' }

type Family = keyof typeof LOOPBACK

const directions: [Family, Family][] = [
  ['IPv4', 'IPv6'],
  ['IPv6', 'IPv4'],
]

function uriHost(family: Family): string {
  return family === 'IPv6' ? '[::1]' : '127.0.0.1'
}

interface DualStack {
  proxy: Signalbox
  /** Our port on each. */
  port: Record<Family, number>
}

/** A proxy on both, that relays to this phone. */
async function dualStack(peers: Peers, callee: string): Promise<DualStack> {
  const port = { IPv4: await freeUdpPort(), IPv6: await freeUdpPort() }
  const listen = [`udp:127.0.0.1:${port.IPv4}`, `udp:[::1]:${port.IPv6}`]
  const routes = `import { onRequest } from '@signalbox/dsl'\n\nonRequest(({ relay }) => relay({ to: 'sip:${callee}' }))\n`
  return { proxy: await peers.signalbox(routes, { listen }), port }
}

test.each(directions)('RFC 5658: from %s to %s, ACK and BYE find their way from both ends', async (near, far) => {
  const peers = openPeers()
  const [caller, callee] = [await peers.phone(LOOPBACK[near]), await peers.phone(LOOPBACK[far])]
  const { port } = await dualStack(peers, `${callee.host}:${callee.port}`)
  await caller.send(caller.request('INVITE', 'families', port[near]), port[near])
  const invite = await callee.receive('INVITE')
  expect(header(invite, 'Via')).toContain(`${uriHost(far)}:${port[far]};`)
  const [theirs, ours] = headers(invite, 'Record-Route')
  expect(theirs).toContain(`<sip:${uriHost(far)}:${port[far]};lr`)
  expect(ours).toContain(`<sip:${uriHost(near)}:${port[near]};lr`)

  await callee.send(answer(invite, '200 OK', `Contact: <sip:b@${callee.host}:${callee.port}>`), port[far])
  const answered = await caller.receive('200')
  await caller.send(caller.inDialog('ACK', 1, answered), port[near])
  const ack = await callee.receive('ACK')
  expect(header(ack, 'Route')).toBe('')

  await callee.send(callee.inDialog('INFO', 7, invite), port[far])
  const info = await caller.receive('INFO')
  expect(header(info, 'Route')).toBe('')
  expect(header(info, 'Via')).toContain(`${uriHost(near)}:${port[near]};`)
  await caller.send(answer(info, '200 OK'), port[near])
  expect(cseq(await callee.receive('200'))).toBe('INFO 7')

  await caller.send(caller.inDialog('BYE', 2, answered), port[near])
  const bye = await callee.receive('BYE')
  await callee.send(answer(bye, '200 OK'), port[far])
  expect(cseq(await caller.receive('200'))).toBe('BYE 2')
})

test.each([
  ['the caller', 'uac_check', 'uas_check'],
  ['the callee', 'uac_hung_up', 'uas_hangs_up'],
])('SIPp calls from IPv4 to IPv6, and %s hangs up', async (_, uacScenario, uasScenario) => {
  const peers = openPeers()
  const target = await freeUdpPort()
  const uas = await peers.uas(uasScenario, target, { address: '[::1]' })
  const { port } = await dualStack(peers, `[::1]:${target}`)
  const uac = await peers.uac(uacScenario, port.IPv4, { calls: 20, rate: 50 })
  const all = { successful: 20, failed: 0, reasons: {} }
  expect(await outcome(uac, uas)).toMatchObject({ uac: all, uas: all })
})
