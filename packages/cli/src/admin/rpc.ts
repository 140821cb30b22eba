/** Calls a running proxy: JSON-RPC 2.0 over its admin port. */
import { SignalboxError, type Problem, type ResolvedConfig } from '@signalbox/core/build'

type Admin = ResolvedConfig['admin']

/** A reload waits for the new generation's own loading. */
const TIMEOUT_MS = 120_000

interface RpcReply {
  result?: unknown
  error?: { code: number; message: string; data?: { problems?: Problem[] } }
}

/** Throws `ADMIN`, with the problems that the proxy gave. */
export async function rpc(admin: Admin, method: string, params: readonly unknown[] = []): Promise<unknown> {
  const { result, error } = await post(admin, { jsonrpc: '2.0', id: 1, method, params })
  if (!error) return result
  throw new SignalboxError('ADMIN', error.message, error.data?.problems ?? [])
}

async function post(admin: Admin, body: object): Promise<RpcReply> {
  const url = `http://${authority(admin)}/rpc`
  const headers = { 'content-type': 'application/json', ...(admin.token && { authorization: `Bearer ${admin.token}` }) }
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal }).catch(
    (error: unknown) => {
      throw unreachable(url, error)
    },
  )
  if (!response.ok) throw refused(url, response.status)
  return (await response.json()) as RpcReply
}

/** Where to connect to; a wildcard listens on loopback too. */
function authority({ host, port }: Admin): string {
  if (host === '0.0.0.0') return `127.0.0.1:${port}`
  if (host === '::') return `[::1]:${port}`
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function unreachable(url: string, error: unknown): SignalboxError {
  const { cause } = error as { cause?: { code?: string } }
  const text = `no proxy answers at ${url} (${cause?.code ?? String(error)})`
  const hint = 'start it with: signalbox start DIR; or say where it runs: --admin HOST:PORT'
  return new SignalboxError('ADMIN', text, [{ text, hint }])
}

function refused(url: string, status: number): SignalboxError {
  const text = `${url} answered ${status}`
  const hint =
    status === 401 || status === 403
      ? 'set SIGNALBOX_ADMIN_TOKEN to the token that the proxy was started with'
      : 'is that the admin port of a Signalbox proxy?'
  return new SignalboxError('ADMIN', text, [{ text, hint }])
}
