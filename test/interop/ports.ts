/** Free loopback ports, and whether somebody has opened one. Linux: the kernel's own table says so without sending anything. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'

/** Ports given out by this process: the kernel may offer the same one again before its new owner has opened it. */
const given = new Set<number>()

export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return given.has(port) ? freeUdpPort() : keep(port)
}

/** For baresip, which opens TCP on its port, too, and TLS on the next one. */
export async function freeBaresipPort(): Promise<number> {
  const port = await freeUdpPort()
  return (await isTcpFree(port)) && (await isTcpFree(port + 1)) ? port : freeBaresipPort()
}

export async function freeTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
  return given.has(address.port) ? freeTcpPort() : keep(address.port)
}

async function isTcpFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

function keep(port: number): number {
  given.add(port)
  return port
}

/** `pid`: a process of the network namespace that is asked about, where it is not our own. */
export function isUdpOpen(port: number, pid: number | 'self' = 'self'): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = ['udp', 'udp6'].flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, 'latin1').split('\n'))
  return lines.some((line) => line.trim().split(/\s+/)[1]?.endsWith(suffix))
}
