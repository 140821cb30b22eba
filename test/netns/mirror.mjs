/**
 * Stands for the proxy in a network namespace of its own: what phones there send to the proxy's address is told to the parent, and what the
 * parent has for a phone is sent to it from that address. Ends with its parent. Arguments: the proxy's port.
 */
import { createSocket } from 'node:dgram'

const HOST = '127.0.0.1'
const socket = createSocket('udp4')

socket.on('message', (bytes, { port }) => process.send({ port, bytes }))
process.on('message', ({ port, bytes }) => socket.send(bytes, port, HOST))
process.on('disconnect', () => process.exit(0))
socket.bind(Number(process.argv[2]), HOST, () => process.send('ready'))
