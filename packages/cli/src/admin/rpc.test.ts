import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { rpc } from './rpc.ts'

interface Received {
  headers: IncomingMessage['headers']
  body: unknown
}

/** An admin port that gives one answer to everything. */
async function adminPort(answer: object, status = 200, port = 0) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      received.push({ headers: request.headers, body: JSON.parse(text) })
      response.writeHead(status).end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { received, admin: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } }
}

test('a call with positional parameters, and its result', async () => {
  const { admin, received } = await adminPort({ jsonrpc: '2.0', id: 1, result: { number: 2 } })
  expect(await rpc(admin, 'a.b', ['x', 1])).toEqual({ number: 2 })
  expect(received[0]).toMatchObject({
    headers: { 'content-type': 'application/json', host: `127.0.0.1:${admin.port}` },
    body: { jsonrpc: '2.0', method: 'a.b', params: ['x', 1] },
  })
  expect(received[0]!.headers).not.toHaveProperty('authorization')
})

test('a token goes as Bearer, and a wildcard address is reached on loopback', async () => {
  const { admin, received } = await adminPort({ result: null })
  await rpc({ ...admin, host: '0.0.0.0', token: 'secret' }, 'x')
  expect(received[0]!.headers).toMatchObject({ authorization: 'Bearer secret', host: `127.0.0.1:${admin.port}` })
})

test('an error carries the problems that the proxy had', async () => {
  const problems = [{ text: 'no such route', file: '/r.ts', line: 1 }]
  const { admin } = await adminPort({ error: { code: -32000, message: 'refused', data: { problems } } })
  await expect(rpc(admin, 'routes.reload')).rejects.toMatchObject({ code: 'ADMIN', message: 'refused', problems })
})

test('a token that is missing or wrong', async () => {
  const { admin } = await adminPort({}, 401)
  await expect(rpc(admin, 'x')).rejects.toMatchObject({
    problems: [{ hint: expect.stringContaining('SIGNALBOX_ADMIN_TOKEN') }],
  })
})

test('a host name that the proxy does not know is not the token’s fault', async () => {
  const { admin } = await adminPort({}, 403)
  await expect(rpc(admin, 'x')).rejects.toMatchObject({ problems: [{ hint: expect.stringContaining('host name') }] })
})

test('a port that fetch refuses', async () => {
  const { admin } = await adminPort({ result: 1 }, 200, 10_080)
  expect(await rpc(admin, 'x')).toBe(1)
})

test('nobody there: where it looked, and how to start one', async () => {
  const { admin } = await adminPort({})
  const closed = createServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
  const { port } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  await expect(rpc({ ...admin, port }, 'x')).rejects.toMatchObject({
    problems: [
      {
        text: `no proxy answers at http://127.0.0.1:${port}/rpc (ECONNREFUSED)`,
        hint: expect.stringContaining('signalbox start'),
      },
    ],
  })
})
