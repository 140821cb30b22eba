/** What the tests of trunks ask of both sides: the proxy's RPC, and the location table of a Kamailio. */
import { execFileSync } from 'node:child_process'

export interface Bound {
  account: string
  callId: string
  /** Seconds left. */
  expires: number
}

/** What stands in the location table, by account. */
export function bound(socket: string): Bound[] {
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin` }
  const text = execFileSync('kamcmd', ['-s', `unix:${socket}`, 'ul.dump'], { encoding: 'utf8', env })
  const list: Bound[] = []
  for (const part of text.split('AoR: ').slice(1)) {
    const account = /^\S+/.exec(part)![0]
    for (const contact of part.split('Address: ').slice(1)) {
      const callId = /Call-ID: (\S+)/i.exec(contact)?.[1] ?? ''
      list.push({ account, callId, expires: Number(/Expires: (\d+)/.exec(contact)?.[1] ?? 0) })
    }
  }
  return list.toSorted((a, b) => a.account.localeCompare(b.account))
}

export async function rpc(adminPort: number, method: string, ...params: unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`http://127.0.0.1:${adminPort}/rpc`, { method: 'POST', headers, body })
  const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } }
  if (error !== undefined) throw new Error(error.message)
  return result
}

/** Of all trunks, in their order. */
export async function statesOf(adminPort: number): Promise<string[]> {
  return ((await rpc(adminPort, 'uac.reg_dump')) as { state: string }[]).map(({ state }) => state)
}
