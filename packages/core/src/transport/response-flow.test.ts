/** Where a response goes. */
import { expect, it } from 'vitest'
import { parseVia } from '../message/via.ts'
import { RecordingSocket } from '../testing/recording-socket.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { responseFlow } from './response-flow.ts'

const udp = new RecordingSocket(new VirtualClock())
const tcp = new RecordingSocket(new VirtualClock(), { reliable: true })

it.each([
  ['RFC 3261 §18.2.2: the source’s address, the port of the Via', 'SIP/2.0/UDP 10.0.0.1:5070', 5070],
  ['RFC 3261 §18.2.2: 5060 without a port', 'SIP/2.0/UDP 10.0.0.1', 5060],
  ['RFC 3581 §4: the source’s port with rport', 'SIP/2.0/UDP 10.0.0.1:5070;rport', 40_000],
  ['RFC 3581 §4: whatever stands in rport', 'SIP/2.0/UDP 10.0.0.1:5070;rport=1', 40_000],
  ['DEVIATES RFC 3261 §18.2.2: a maddr is not followed', 'SIP/2.0/UDP 10.0.0.1:5070;maddr=198.51.100.1', 5070],
  [
    'RFC 3261 §18.2.2: a received that the sender wrote is not followed',
    'SIP/2.0/UDP 10.0.0.1:5070;received=198.51.100.1',
    5070,
  ],
])('%s', (_, via, port) => {
  const flow = udp.flow('192.0.2.9', 40_000)
  expect(responseFlow(parseVia(via)!, flow)).toEqual({ ...flow, port })
})

it('RFC 3261 §18.2.2: over a reliable transport, the connection of the request', () => {
  const flow = tcp.flow('192.0.2.9', 40_000)
  expect(responseFlow(parseVia('SIP/2.0/TCP 10.0.0.1:5070')!, flow)).toBe(flow)
})
