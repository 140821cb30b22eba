/**
 * The admin port: health, metrics and RPC over HTTP. Loopback by default; with a token, everything but health asks for it. A page in
 * somebody's browser cannot reach it: RPC takes only JSON, and without a token only under a host name that is its own.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import { serve, type ServerType } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { isLoopback } from '../config/address.ts'
import { machineAddresses } from '../transport/machine-addresses.ts'
import { listenError } from '../transport/udp.ts'
import { handleRpc, invalidRequest, type Methods } from './rpc.ts'

export interface AdminOptions {
  readonly host: string
  readonly port: number
  readonly token?: string | undefined
  /** Names of this machine, in lower case. */
  readonly aliases: readonly string[]
  readonly methods: Methods
  metrics(): Promise<string>
  /** Why no new calls are served, in a word: `draining`. */
  notReady(): string | undefined
  /** Works, but not all of it: the database is away. */
  isDegraded?(): boolean | Promise<boolean>
}

export interface Admin {
  /** `127.0.0.1:8060`. */
  readonly at: string
  close(): Promise<void>
}

const MAX_BODY = 1 << 20
/** Prometheus' text format. */
const METRICS = 'text/plain; version=0.0.4; charset=utf-8'

export async function openAdmin(options: AdminOptions): Promise<Admin> {
  const server = await listen(makeApp(options), options)
  const { address, family, port } = server.address() as AddressInfo
  const at = (family === 'IPv6' ? `[${address}]` : address) + ':' + port
  return {
    at,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}

function makeApp({ methods, metrics, notReady, isDegraded, token, host, aliases }: AdminOptions): Hono {
  const app = new Hono()
  const state = async (): Promise<string> => ((await isDegraded?.()) ? 'degraded\n' : 'ok\n')
  app.get('/health/live', (c) => c.text('ok\n'))
  app.get('/health/ready', async (c) => {
    const why = notReady()
    return why === undefined ? c.text(await state()) : c.text(`${why}\n`, 503)
  })
  app.use('*', async (c, next) => {
    // Another site's page does not know the token: who has it may call us by any name.
    if (token !== undefined) return hasToken(c, token) ? next() : c.text('a bearer token is asked for\n', 401)
    return isOwnHost(c.req.header('host'), [host, ...aliases]) ? next() : c.text('this host name is not mine\n', 403)
  })
  app.get('/metrics', async (c) => c.text(await metrics(), 200, { 'content-type': METRICS }))
  app.post('/rpc', bodyLimit({ maxSize: MAX_BODY, onError: refuseBody }), async (c) => {
    if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '')) {
      return c.text('only content-type: application/json\n', 415)
    }
    const answer = await handleRpc(await c.req.text(), methods)
    return answer === undefined ? c.body(null, 200) : c.json(answer)
  })
  return app
}

/** RPC is HTTP 200 whatever comes. */
function refuseBody(c: Context): Response {
  return c.json(invalidRequest(`the body is larger than ${MAX_BODY} bytes`))
}

/** Any other name may be another site's that was pointed here. */
function isOwnHost(header: string | undefined, configured: readonly string[]): boolean {
  const name = bareHost((header ?? '').replace(/:\d+$/, ''))
  if (name === '') return false
  return isLoopback(name) || [...configured, os.hostname(), ...machineAddresses()].map(bareHost).includes(name)
}

/** Without brackets, in lower case. */
function bareHost(host: string): string {
  return host.replace(/^\[|\]$/g, '').toLowerCase()
}

function hasToken(c: Context, token: string): boolean {
  const given = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? ''
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(token))
}

function listen(app: Hono, { host, port }: AdminOptions): Promise<ServerType> {
  const hostname = host.replace(/^\[|\]$/g, '')
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname, port }, () => {
      server.off('error', refuse)
      resolve(server)
    })
    const refuse = (error: NodeJS.ErrnoException): void =>
      reject(listenError(error, `admin ${host}:${port}`, 'admin.listen (or SIGNALBOX_ADMIN)'))
    server.once('error', refuse)
  })
}
