/**
 * Run as a process of its own by udp-batched.test.ts: a socket in batches answers what it gets, and a watcher ends the turn in place while it is
 * stuck, once when its datagrams are handled and once in the middle of them. Prints every answer that arrives, and exits when all have. Argument: the
 * built module of the socket.
 */
import dgram from 'node:dgram'
import { Worker } from 'node:worker_threads'

const { UdpSocket } = await import(process.argv[2])

const watcher = `
const { Session } = require('node:inspector')
const { workerData, parentPort } = require('node:worker_threads')
const session = new Session()
session.connectToMainThread()
parentPort.postMessage('ready')
const stuck = new Int32Array(workerData)
for (;;) {
  Atomics.wait(stuck, 0, 0)
  Atomics.store(stuck, 0, 0)
  session.post('Runtime.terminateExecution')
}
`

process.env.SIGNALBOX_SOCKET = 'batched'
const stuck = new Int32Array(new SharedArrayBuffer(4))
const worker = new Worker(watcher, { eval: true, workerData: stuck.buffer })
const expected = ['0', '1', '2', '3', 'again']
let turns = 0

const socket = await UdpSocket.open({ host: '127.0.0.1', port: 0, onTurn: endOfTurn }, answer, console.error)
const peer = dgram.createSocket('udp4').bind(0, '127.0.0.1')

function answer(bytes, address, port) {
  const text = bytes.toString('latin1')
  socket.send(`answer to ${text}`, address, port, undefined)
  if (text === '2') hang()
}

function endOfTurn() {
  if (turns++ === 0) hang()
}

function hang() {
  Atomics.store(stuck, 0, 1)
  Atomics.notify(stuck, 0)
  for (;;);
}

let left = expected.length
peer.on('message', (bytes) => {
  console.log(bytes.toString('latin1'))
  if (--left === 1) peer.send('again', socket.port, '127.0.0.1')
  if (left === 0) process.exit(0)
})

worker.once('message', () => {
  for (const text of expected.slice(0, 4)) peer.send(text, socket.port, '127.0.0.1')
})
