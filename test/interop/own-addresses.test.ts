/** What we call ourselves and what we answer to: advertised addresses, aliases, and a socket bound to every address of the machine. */
import os from 'node:os'
import { expect, test } from 'vitest'
import { openPeers, type Peers } from './peers.ts'
import { answer, type Phone } from './phone.ts'
import { freeUdpPort } from './ports.ts'
import type { Config, Signalbox } from './signalbox.ts'
import { cseq, firstLine, header, headers } from './sipp-trace.ts'

const ALIAS = 'proxy.example'

/** A caller and a callee on these addresses, and between them a proxy that relays what is for us to the callee, and the rest where it says. */
async function between(peers: Peers, config: (port: number) => Config, calleeAddress = '127.0.0.1') {
  const [caller, callee] = [await peers.phone(), await peers.phone(calleeAddress)]
  const port = await freeUdpPort()
  const routes = `import { onRequest } from '@signalbox/dsl'

onRequest(({ req, relay }) => {
  if (req.ruri.user === 'service') relay({ to: 'sip:${callee.host}:${callee.port}' })
  else relay()
})
`
  const proxy: Signalbox = await peers.signalbox(routes, config(port))
  return { caller, callee, port, proxy }
}

/** The call that was begun is answered, goes on along what was recorded, and ends. */
async function goesOn(caller: Phone, callee: Phone, port: number, invite: string): Promise<void> {
  await callee.send(answer(invite, '200 OK', `Contact: <sip:b@${callee.host}:${callee.port}>`), port)
  const answered = await caller.receive('200')
  await caller.send(caller.inDialog('ACK', 1, answered), port)
  await callee.receive('ACK')
  await callee.send(callee.inDialog('BYE', 7, invite), port)
  const bye = await caller.receive('BYE')
  expect(header(bye, 'Route')).toBe('')
  await caller.send(answer(bye, '200 OK'), port)
  expect(cseq(await callee.receive('200'))).toBe('BYE 7')
}

test.each(['192.0.2.7:5070', 'sip.example:5070', '[2001:db8::7]:5070'])(
  'advertised as %s: Via and Record-Route say so, and the Route that comes back is ours',
  async (advertise) => {
    const { caller, callee, port } = await between(openPeers(), (own) => ({
      listen: [{ at: `udp:127.0.0.1:${own}`, advertise }],
    }))
    await caller.send(caller.request('INVITE', 'advertised', port), port)
    const invite = await callee.receive('INVITE')
    expect(header(invite, 'Via')).toContain(`SIP/2.0/UDP ${advertise};`)
    expect(headers(invite, 'Record-Route')).toEqual([`<sip:${advertise};lr>`])
    await goesOn(caller, callee, port, invite)
  },
)

const listenOn = (port: number): Config => ({ listen: [`udp:127.0.0.1:${port}`], aliases: [ALIAS, '192.0.2.50'] })

test.each([ALIAS, 'PROXY.example:5099', '192.0.2.50'])(
  'RFC 3261 §16.4: a Route to our alias %s is taken off',
  async (name) => {
    const { caller, callee, port } = await between(openPeers(), listenOn)
    const request = caller.request('OPTIONS', 'alias', port)
    await caller.send(request.replace('Max-Forwards', `Route: <sip:${name};lr>\r\nMax-Forwards`), port)
    expect(headers(await callee.receive('OPTIONS'), 'Route')).toEqual([])
  },
)

test('RFC 3261 §16.6 step 6: a Request-URI with our alias and a Route: ours is taken off, the next one is followed', async () => {
  const { caller, callee, port } = await between(openPeers(), listenOn)
  const next = `<sip:127.0.0.1:${callee.port};lr>`
  const request = caller
    .request('OPTIONS', 'alias', port)
    .replace(/^OPTIONS \S+/, `OPTIONS sip:other@${ALIAS}`)
    .replace('Max-Forwards', `Route: <sip:${ALIAS};lr>, ${next}\r\nMax-Forwards`)
  await caller.send(request, port)
  const arrived = await callee.receive('OPTIONS')
  expect(firstLine(arrived)).toBe(`OPTIONS sip:other@${ALIAS} SIP/2.0`)
  expect(headers(arrived, 'Route')).toEqual([next])
})

test('RFC 3261 §16.4: a strict router put our alias into the Request-URI: the last Route is the target again', async () => {
  const { caller, callee, port } = await between(openPeers(), listenOn)
  const target = `sip:b@127.0.0.1:${callee.port}`
  const request = caller
    .request('OPTIONS', 'strict', port)
    .replace(/^OPTIONS \S+/, `OPTIONS sip:${ALIAS};lr`)
    .replace('Max-Forwards', `Route: <${target}>\r\nMax-Forwards`)
  await caller.send(request, port)
  const arrived = await callee.receive('OPTIONS')
  expect(firstLine(arrived)).toBe(`OPTIONS ${target} SIP/2.0`)
  expect(headers(arrived, 'Route')).toEqual([])
})

/** Loopback, and what else this machine has. */
function ownAddresses(): string[] {
  const all = Object.values(os.networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const outside = all.find(({ family, internal }) => family === 'IPv4' && !internal)
  return ['127.0.0.1', ...(outside ? [outside.address] : [])]
}

test.each(ownAddresses())(
  'listening on 0.0.0.0: a peer on %s is told the address that it can reach',
  async (address) => {
    const peers = openPeers()
    const { caller, callee, port } = await between(peers, (own) => ({ listen: [`udp:0.0.0.0:${own}`] }), address)
    await caller.send(caller.request('INVITE', 'everywhere', port), port)
    const invite = await callee.receive('INVITE')
    expect(header(invite, 'Via')).toContain(`SIP/2.0/UDP ${address}:${port};`)
    expect(headers(invite, 'Record-Route')).toEqual([`<sip:${address}:${port};lr>`])
    await goesOn(caller, callee, port, invite)
  },
)
