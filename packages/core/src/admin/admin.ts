/**
 * The admin port: health, metrics and RPC over HTTP. Loopback by default; with a token, everything but health asks for it. A page in
 * somebody's browser cannot reach it: RPC takes only JSON, and only under a host name that is its own.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { isIP } from 'node:net'
import { serve, type ServerType } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { listenError } from '../transport/udp.ts'
import { handleRpc, type Methods } from './rpc.ts'

export interface AdminOptions {
  readonly host: string
  readonly port: number
  readonly token?: string | undefined
  readonly methods: Methods
  metrics(): Promise<string>
  isReady(): boolean
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

function makeApp({ methods, metrics, isReady, token, host }: AdminOptions): Hono {
  const app = new Hono()
  app.get('/health/live', (c) => c.text('ok\n'))
  app.get('/health/ready', (c) => (isReady() ? c.text('ok\n') : c.text('draining\n', 503)))
  app.use('*', async (c, next) => {
    if (!isOwnHost(c.req.header('host'), host)) return c.text('this host name is not mine\n', 403)
    if (token !== undefined && !hasToken(c, token)) return c.text('a bearer token is asked for\n', 401)
    return next()
  })
  app.get('/metrics', async (c) => c.text(await metrics(), 200, { 'content-type': METRICS }))
  app.post('/rpc', bodyLimit({ maxSize: MAX_BODY }), async (c) => {
    if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '')) {
      return c.text('only content-type: application/json\n', 415)
    }
    const answer = await handleRpc(await c.req.text(), methods)
    return answer === undefined ? c.body(null, 200) : c.json(answer)
  })
  return app
}

/** An address or `localhost` cannot be another site's name that was pointed here. */
function isOwnHost(header: string | undefined, configured: string): boolean {
  const name = (header ?? '').replace(/:\d+$/, '').toLowerCase()
  const bare = name.replace(/^\[|\]$/g, '')
  return bare === 'localhost' || isIP(bare) !== 0 || bare === configured.toLowerCase()
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
    const refuse = (error: NodeJS.ErrnoException): void => reject(listenError(error, `admin ${host}:${port}`))
    server.once('error', refuse)
  })
}
