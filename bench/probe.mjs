/**
 * Sends OPTIONS within a dialog, which any proxy routes loosely, through the proxy and without it in turn, and prints how long each took to be answered.
 * Arguments: the proxy's port, and for how many seconds.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { percentiles } from './stats.mjs'

const INTERVAL = 4
const [proxy, seconds] = process.argv.slice(2).map(Number)
const caller = await open()
const callee = await open()
const ways = { through: [], straight: [] }
const sent = new Map()
let number = 0

callee.on('message', (bytes, { port }) => {
  const kept = bytes
    .toString('latin1')
    .split('\r\n')
    .filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line))
  callee.send(['SIP/2.0 200 OK', ...kept, 'Content-Length: 0', '', ''].join('\r\n'), port, '127.0.0.1')
})

caller.on('message', (bytes) => {
  const now = performance.now()
  const id = /^Call-ID: (\S+)/im.exec(bytes.toString('latin1'))?.[1]
  const probe = sent.get(id)
  if (probe === undefined || bytes.toString('latin1', 0, 11) !== 'SIP/2.0 200') return
  sent.delete(id)
  ways[probe.way].push((now - probe.at) * 1000)
})

const sending = setInterval(() => send(number % 2 === 0 ? 'through' : 'straight'), INTERVAL)
setTimeout(() => clearInterval(sending), seconds * 1000)
// Later than any answer that is not lost.
setTimeout(report, seconds * 1000 + 500)

function send(way) {
  const id = `probe-${process.pid}-${number++}`
  const to = way === 'through' ? proxy : callee.address().port
  const text = [
    `OPTIONS sip:probe@127.0.0.1:${callee.address().port} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${caller.address().port};branch=z9hG4bK${id}`,
    ...(way === 'through' ? [`Route: <sip:127.0.0.1:${proxy};lr>`] : []),
    'Max-Forwards: 70',
    `From: <sip:probe@127.0.0.1>;tag=${id}`,
    'To: <sip:probe@127.0.0.1>;tag=callee',
    `Call-ID: ${id}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
  sent.set(id, { way, at: performance.now() })
  caller.send(text, to, '127.0.0.1')
}

function report() {
  const [through, straight] = [percentiles(ways.through), percentiles(ways.straight)]
  process.exitCode = ways.through.length > 0 ? 0 : 1
  console.log(JSON.stringify({ through, straight, lost: sent.size }))
  caller.close()
  callee.close()
}

async function open() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}
