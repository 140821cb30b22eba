/** Calls a running proxy: JSON-RPC 2.0 over its admin port. Not by `fetch`, which refuses ports such as 5060. */
import { request } from 'node:http'
import { text as readText } from 'node:stream/consumers'
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
  const { status, text } = await exchange(url, headers, JSON.stringify(body)).catch((error: unknown) => {
    throw unreachable(url, error)
  })
  if (status !== 200) throw refused(url, status)
  return JSON.parse(text) as RpcReply
}

function exchange(
  url: string,
  headers: Record<string, string>,
  body: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const sent = request(url, { method: 'POST', headers, signal }, (response) => {
      readText(response).then((text) => resolve({ status: response.statusCode!, text }), reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Where to connect to; a wildcard listens on loopback too. */
function authority({ host, port }: Admin): string {
  if (host === '0.0.0.0') return `127.0.0.1:${port}`
  if (host === '::') return `[::1]:${port}`
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function unreachable(url: string, error: unknown): SignalboxError {
  const { code } = error as NodeJS.ErrnoException
  const text = `no proxy answers at ${url} (${code ?? String(error)})`
  const hint = 'start it with: signalbox start DIR; or say where it runs: --admin HOST:PORT'
  return new SignalboxError('ADMIN', text, [{ text, hint }])
}

const hints: Record<number, string> = {
  401: 'set SIGNALBOX_ADMIN_TOKEN to the token that the proxy was started with',
  403: 'the proxy does not know this host name as its own: call it by an address of its machine, or add the name to aliases in its config',
}

function refused(url: string, status: number): SignalboxError {
  const text = `${url} answered ${status}`
  const hint = hints[status] ?? 'is that the admin port of a Signalbox proxy?'
  return new SignalboxError('ADMIN', text, [{ text, hint }])
}
