/** Loopback ports that are free for UDP now. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** All are held open until the last is found, so that no two are the same. */
export async function freePorts(count) {
  const sockets = await Promise.all(Array.from({ length: count }, open))
  const ports = sockets.map((socket) => socket.address().port)
  for (const socket of sockets) socket.close()
  return ports
}

async function open() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}
