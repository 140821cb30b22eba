/** A spiral: calls that pass through the proxy, an application server that is a proxy too and record-routes, and the proxy once more. */
import { challenge, simulate, type Simulation } from '@signalbox/core/testing'
import { expect, test } from 'vitest'
import { BOB, CARRIER, cseq, digestParam, header, PHONE, PROXY, sentTo } from './wire.ts'

const SERVER = '127.0.0.7:5060'
const ITSELF = `<sip:${SERVER};lr>`
const account = { realm: 'carrier', username: 'test', password: 'test' }

/** Sends everything back to the proxy: requests with a Via of its own, the first one for the carrier, and answers without it. */
function openServer({ network }: Simulation, asks = false): void {
  network.open('127.0.0.7', 5060, (bytes) => {
    const wire = bytes.toString('latin1')
    if (asks && wire.startsWith('INVITE ') && cseq(wire) === 1)
      network.put({ from: SERVER, to: PROXY, wire: ask(wire) })
    else if (wire.startsWith('SIP/2.0 '))
      network.put({ from: SERVER, to: PROXY, wire: wire.replace(/^Via:.*\r\n/m, '') })
    else if (!asks || !wire.startsWith('ACK ') || cseq(wire) > 1)
      network.put({ from: SERVER, to: PROXY, wire: sentOn(wire) })
  })
}

function ask(wire: string): string {
  const lines = wire.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line))
  return ['SIP/2.0 407 X', ...lines, 'Proxy-Authenticate: Digest realm="server", nonce="1"', '', ''].join('\r\n')
}

function sentOn(wire: string): string {
  const via = `Via: SIP/2.0/UDP ${SERVER};branch=z9hG4bKserver${/branch=([^;]+)/.exec(wire)![1]!}\r\n`
  if (/^To:.*;tag=/m.test(wire)) return wire.replace(`Route: ${ITSELF}\r\n`, '').replace('Via:', `${via}Via:`)
  const record = `Record-Route: ${ITSELF}\r\nRecord-Route:`
  return wire
    .replace(/ sip:\w+@/, ' sip:carrier@')
    .replace('Record-Route:', record)
    .replace('Via:', `${via}Via:`)
}

test('RFC 3261 §13.2.2.4: what was raised, and who was answered, is each pass’s own: every ACK fits its INVITE', async () => {
  const net = await simulate({ routes: 'test/scenarios/routes/app-server.ts' })
  openServer(net)
  const carrier = net.uas(CARRIER, challenge(account))
  carrier.inDialog = challenge(account)
  const call = await net.uac(PHONE).invite(BOB)
  expect(call).toBeAnsweredWith(200)
  for (const method of ['INVITE', 'INFO', 'INVITE', 'BYE']) expect((await call.send(method)).status).toBe(200)
  const [invites, acks] = ['INVITE ', 'ACK '].map((start) => sentTo(net, CARRIER, start))
  expect(acks!.map(cseq)).toEqual(invites!.map(cseq))
  const realms = acks!.map((wire) =>
    wire.match(/^Proxy-Authorization:.*$/gm)?.map((line) => digestParam(line, 'realm')),
  )
  expect(realms).toEqual(invites!.map((wire) => (header(wire, 'Proxy-Authorization') ? ['carrier'] : undefined)))
  // The carrier's answers are for the carrier, and its numbers too.
  const toServer = sentTo(net, SERVER, '').filter((wire) => !wire.startsWith('SIP/2.0 '))
  expect(toServer.map(cseq)).toEqual([1, 1, 2, 2, 3, 4, 4, 5])
  expect(toServer.filter((wire) => /^Proxy-Authorization:/m.test(wire))).toEqual([])
})

test('RFC 3261 §13.2.2.4: an ACK for a route that picked up in the second pass gets there raised', async () => {
  const net = await simulate({ routes: 'test/scenarios/routes/app-server.ts' })
  openServer(net, true)
  const call = await net.uac(PHONE).invite(BOB, { headers: { 'X-Here': '1' } })
  await net.advance('40s')
  expect(call.statuses).toEqual([100, 200])
  expect(sentTo(net, SERVER, 'ACK ').map(cseq)).toEqual([1, 2])
  expect(sentTo(net, PHONE, 'BYE ')).toEqual([])
  expect((await call.bye()).status).toBe(200)
})
