/** One SIP request on a socket of its own, and the answer's status line: whether a proxy is there, and which routes it runs. */
import { randomUUID } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

export async function statusLineOf(port: number, user = 'bob', host = '127.0.0.1'): Promise<string> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const branch = `z9hG4bK${randomUUID()}`
  const request = [
    `OPTIONS sip:${user}@${host}:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${socket.address().port};branch=${branch};rport`,
    'Max-Forwards: 70',
    'From: <sip:alice@127.0.0.1>;tag=1',
    'To: <sip:bob@127.0.0.1>',
    `Call-ID: ${branch}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n')
  socket.send(request, port, host)
  const [answer] = (await once(socket, 'message')) as [Buffer]
  socket.close()
  return answer.toString().split('\r\n', 1)[0]!
}
