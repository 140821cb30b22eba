/**
 * One process of `handover.mjs`: receives datagrams in one of the ways that are compared and answers each of its own, as a proxy would, without looking
 * further into it. Told what to be by its parent, and asked by it what that cost.
 */
import dgram from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'

const core = join(import.meta.dirname, '..', 'packages', 'core', 'dist')
const from = (path) => import(join(core, `${path}.js`))
const [{ ownerOf }, { HandOver }, { UdpSocket }, { loadLibc }, { SocketAddresses }, { BatchedDatagrams }] =
  await Promise.all(
    ['message/owner', 'transport/hand-over', 'transport/udp', 'transport/libc', 'transport/socket-address'].map(from),
  ).then(async (all) => [...all, await from('transport/udp-batched')])

/** The socket that the parent has opened, where several use one. */
const INHERITED = 4
const ANSWER = `SIP/2.0 100 Trying\r\n${'Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1\r\n'.repeat(6)}\r\n`

const counted = { received: 0, answered: 0, handed: 0 }
let began = process.cpuUsage()
let handOver
let reply

const roles = {
  /** What there is without workers. */
  alone: async ({ port }) => listen({ port }, answer),
  /** One of those that share the port, if all calls were its own. */
  keeps: async ({ port, workers }) =>
    listen({ port, shared: true }, (bytes, ...source) => {
      ownerOf(bytes, workers)
      answer(bytes, ...source)
    }),
  /** One of those that share the port. */
  hands: async ({ port, workers, index }) => {
    await openHandOver()
    await listen({ port, shared: true }, (bytes, ...source) => {
      const owner = ownerOf(bytes, workers) ?? index
      if (owner === index) return answer(bytes, ...source)
      counted.handed++
      handOver.send(owner, bytes, 0, ...source)
    })
  },
  /** The only one that receives. */
  deals: async ({ workers }) => {
    await openHandOver()
    const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 << 20 })
    const isBound = once(socket, 'listening')
    socket.bind({ fd: INHERITED })
    await isBound
    await overInherited(socket, (bytes, ...source) => {
      counted.received++
      counted.handed++
      handOver.send(ownerOf(bytes, workers) ?? 0, bytes, 0, ...source)
    })
  },
  /** One of those that it deals out to: they answer through its socket. */
  served: async () => {
    await openHandOver()
    const sender = await overInherited({ on: () => undefined })
    reply = (...where) => sender.send(ANSWER, ...where)
  },
}

async function listen(options, datagram) {
  const socket = await UdpSocket.open({ host: '127.0.0.1', ...options }, received, fail)
  reply = (address, port) => socket.send(ANSWER, address, port)
  function received(bytes, address, port) {
    counted.received++
    datagram(bytes, address, port)
  }
}

async function overInherited(socket, datagram) {
  const libc = await loadLibc()
  return new BatchedDatagrams(libc, INHERITED, { socket, addresses: new SocketAddresses(libc, false) }, { datagram })
}

async function openHandOver() {
  handOver = await HandOver.open({ sockets: 1 }, answer, fail)
}

function answer(bytes, address, port) {
  counted.answered++
  reply(address, port)
}

function fail(error) {
  throw error
}

async function become(be) {
  await roles[be.role](be)
  process.send({ port: handOver?.port })
}

process.on('message', ({ be, peers, begin, report }) => {
  if (be !== undefined) void become(be)
  if (peers !== undefined) handOver?.setPeers(peers)
  if (begin) {
    for (const key of Object.keys(counted)) counted[key] = 0
    began = process.cpuUsage()
  }
  if (report) {
    const { user, system } = process.cpuUsage(began)
    process.send({ cpu: user + system, ...counted })
  }
})
process.once('disconnect', () => process.exit(0))
