/** What waits for strays keeps what it may have to send again, and not the datagrams that this was made of. In a process of its own. */
import { expect, it } from 'vitest'
import { runWithGc } from '../testing/run-with-gc.ts'

const TRANSACTIONS = 1_000
/** Bytes of a datagram. */
const LARGE = 50_000

const program = `
import { parseMessage } from '../message/parse.ts'
import { makeResponse } from '../message/reply.ts'
import { heapOfEach } from '../testing/heap-of-each.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { Timers } from '../timers/timers.ts'
import { TransactionLayer } from './layer.ts'

// As the real one it reads nothing of what it is given: that would write out what was joined.
let sent = 0
const local = { transport: 'udp', reliable: false, address: '192.0.2.1', port: 5060, send: (wire) => void (sent += wire.length) }
const flow = { transport: 'udp', address: '192.0.2.9', port: 5060, local }
const servers = []
const layer = new TransactionLayer({ admit() {}, request: (transaction) => servers.push(transaction) }, new Timers(new VirtualClock()))
const user = { response() {} }

function head(i) {
  return [
    'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-of-this-proxy-' + i,
    'From: <sip:alice@127.0.0.1>;tag=caller-1928301774-' + i,
    'To: <sip:service@127.0.0.1:5080>;tag=callee-a6c85cf-' + i,
    'Call-ID: ' + i + '-1234567890@127.0.0.1',
  ]
}

function message(lines) {
  const text = [...lines, 'Content-Length: LARGE', '', 'x'.repeat(LARGE)].join('\\r\\n')
  return parseMessage(Buffer.from(text, 'latin1'), flow)
}

function begin(i) {
  const invite = message(['INVITE sip:service@127.0.0.1:5090 SIP/2.0', ...head(i), 'CSeq: 1 INVITE'])
  layer.send(invite, 'z9hG4bK-of-this-proxy-' + i, flow, user)
  layer.receiveResponse(message(['SIP/2.0 407 Proxy Authentication Required', ...head(i), 'CSeq: 1 INVITE']))
  for (const method of ['BYE', 'INVITE']) {
    layer.receiveRequest(message([method + ' sip:service@127.0.0.1:5080 SIP/2.0', ...head(i), 'CSeq: 2 ' + method]), flow)
    const transaction = servers.pop()
    transaction.respond(makeResponse(transaction.request, method === 'BYE' ? 200 : 486, '', ''))
  }
}

const each = heapOfEach(TRANSACTIONS, begin)
console.log(JSON.stringify({ each, clients: layer.clients, servers: layer.servers, isSent: sent > 0 }))
`

it('a transaction that waits for strays keeps no datagram', { timeout: 60_000 }, async () => {
  const result = await runWithGc<{ each: number }>(program, import.meta.dirname, { TRANSACTIONS, LARGE })
  expect(result).toMatchObject({ clients: TRANSACTIONS + 1, servers: 2 * TRANSACTIONS + 2, isSent: true })
  expect(result.each).toBeLessThan(LARGE / 10)
})
