/** The admin port over real HTTP on a port of the kernel's choice: who is let in, and what is answered. */
import { request } from 'node:http'
import os from 'node:os'
import { Registry } from 'prom-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openAdmin, type Admin, type AdminOptions } from './admin.ts'

const methods = new Map([['core.status', () => ({ up: true })]])

async function open(options: Partial<AdminOptions> = {}): Promise<Admin> {
  const admin = await openAdmin({
    host: '127.0.0.1',
    port: 0,
    aliases: [],
    methods,
    metrics: () => Promise.resolve('# HELP x y\nx 1\n'),
    notReady: () => undefined,
    ...options,
  })
  onTestFinished(() => admin.close())
  return admin
}

interface Reply {
  status: number
  type: string
  text: string
}

/** `fetch` does not let a test choose its Host. */
function ask(
  admin: Admin,
  path: string,
  options: { headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  const { headers, body } = options
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const sent = request(`http://${admin.at}${path}`, { method, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode!, type: response.headers['content-type'] ?? '', text }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const json = { 'content-type': 'application/json' }
const status = '{"jsonrpc":"2.0","id":1,"method":"core.status"}'

describe('health', () => {
  it('is live, and ready until it drains', async () => {
    let why: string | undefined
    const admin = await open({ notReady: () => why })
    expect(await ask(admin, '/health/live')).toMatchObject({ status: 200, text: 'ok\n' })
    expect(await ask(admin, '/health/ready')).toMatchObject({ status: 200, text: 'ok\n' })
    why = 'draining'
    expect(await ask(admin, '/health/ready')).toMatchObject({ status: 503, text: 'draining\n' })
    expect(await ask(admin, '/health/live')).toMatchObject({ status: 200 })
  })

  it('says that it is degraded, and takes calls all the same', async () => {
    let degraded = true
    const admin = await open({ isDegraded: () => degraded })
    expect(await ask(admin, '/health/ready')).toMatchObject({ status: 200, text: 'degraded\n' })
    degraded = false
    expect(await ask(admin, '/health/ready')).toMatchObject({ status: 200, text: 'ok\n' })
  })

  it('is for everybody: no token, any Host', async () => {
    const admin = await open({ token: 'secret' })
    expect(await ask(admin, '/health/live', { headers: { host: 'lb.example.com' } })).toMatchObject({ status: 200 })
  })
})

it('metrics are in Prometheus’ text format', async () => {
  const reply = await ask(await open(), '/metrics')
  expect(reply).toEqual({ status: 200, type: Registry.PROMETHEUS_CONTENT_TYPE, text: '# HELP x y\nx 1\n' })
})

describe('rpc', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON'])('takes %s', async (type) => {
    const reply = await ask(await open(), '/rpc', { headers: { 'content-type': type }, body: status })
    expect([reply.status, JSON.parse(reply.text)]).toEqual([200, { jsonrpc: '2.0', id: 1, result: { up: true } }])
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])(
    'refuses %j, which a page of another site could send',
    async (type) => {
      const headers: Record<string, string> = type === '' ? {} : { 'content-type': type }
      expect(await ask(await open(), '/rpc', { headers, body: status })).toMatchObject({ status: 415 })
    },
  )

  it('is 200 for errors too, and empty for a notification', async () => {
    const admin = await open()
    const bad = await ask(admin, '/rpc', { headers: json, body: 'x' })
    expect([bad.status, JSON.parse(bad.text)]).toMatchObject([200, { error: { code: -32700 } }])
    const body = '{"jsonrpc":"2.0","method":"core.status"}'
    expect(await ask(admin, '/rpc', { headers: json, body })).toMatchObject({ status: 200, text: '' })
  })

  it('takes no more than a megabyte, and says so as JSON-RPC does', async () => {
    const body = JSON.stringify({ x: 'x'.repeat(1 << 20) })
    const reply = await ask(await open(), '/rpc', { headers: json, body })
    expect([reply.status, JSON.parse(reply.text)]).toMatchObject([200, { id: null, error: { code: -32600 } }])
  })

  it('is a POST', async () => expect(await ask(await open(), '/rpc')).toMatchObject({ status: 404 }))
})

describe('Host', () => {
  const machine = Object.values(os.networkInterfaces()).flatMap((all) => all ?? [])
  const addresses = machine.map(({ address, family }) => (family === 'IPv6' ? `[${address}]:8060` : address))

  it.each([
    '127.0.0.1',
    '127.0.0.1:8060',
    'localhost',
    'LOCALHOST:1',
    '[::1]:8060',
    os.hostname(),
    ...addresses,
    'SIP.example.com:8060',
    '[2001:db8::7]',
  ])('%s is its own', async (host) => {
    const admin = await open({ aliases: ['sip.example.com', '[2001:db8::7]'] })
    expect(await ask(admin, '/metrics', { headers: { host } })).toMatchObject({ status: 200 })
  })

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example:8060',
    '192.0.2.1',
    '[2001:db8::1]:8060',
  ])('%j, a name that somebody pointed here, is not', async (host) => {
    const admin = await open()
    expect(await ask(admin, '/metrics', { headers: { host } })).toMatchObject({ status: 403 })
    expect(await ask(admin, '/rpc', { headers: { ...json, host }, body: status })).toMatchObject({ status: 403 })
  })

  it('is also the name in the config', async () => {
    const admin = await open({ host: 'localhost' })
    expect(await ask(admin, '/metrics', { headers: { host: 'LocalHost:99' } })).toMatchObject({ status: 200 })
  })
})

describe('a token', () => {
  it('makes any Host good, because another site’s page does not know it', async () => {
    const admin = await open({ token: 'secret' })
    const headers = { host: 'proxy.example.com', authorization: 'Bearer secret' }
    expect(await ask(admin, '/metrics', { headers })).toMatchObject({ status: 200 })
    expect(await ask(admin, '/metrics', { headers: { host: headers.host } })).toMatchObject({ status: 401 })
  })

  const as = (authorization?: string): { headers: Record<string, string> } => ({
    headers: authorization === undefined ? {} : { authorization },
  })

  it.each([
    [undefined, 401],
    ['Bearer wrong', 401],
    ['Bearer secre', 401],
    ['Bearer secret2', 401],
    ['Basic secret', 401],
    ['secret', 401],
    ['Bearer ', 401],
    ['Bearer secret', 200],
    ['bearer secret', 200],
  ])('%j is %d', async (authorization, expected) => {
    const admin = await open({ token: 'secret' })
    expect(await ask(admin, '/metrics', as(authorization))).toMatchObject({ status: expected })
    const rpc = await ask(admin, '/rpc', { headers: { ...json, ...as(authorization).headers }, body: status })
    expect(rpc.status).toBe(expected)
  })
})

describe('listening', () => {
  it('says where', async () => {
    expect((await open()).at).toMatch(/^127\.0\.0\.1:[1-9]\d*$/)
    expect((await open({ host: '[::1]' })).at).toMatch(/^\[::1\]:[1-9]\d*$/)
  })

  it('on a port in use is LISTEN, with a hint', async () => {
    const port = Number((await open()).at.split(':')[1])
    await expect(open({ port })).rejects.toMatchObject({
      code: 'LISTEN',
      problems: [
        {
          text: `cannot listen on admin 127.0.0.1:${port}: EADDRINUSE`,
          hint: 'another process has this port: stop it, or set admin.listen (or SIGNALBOX_ADMIN) to another one',
        },
      ],
    })
  })
})
