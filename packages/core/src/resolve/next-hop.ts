/**
 * From a URI to a flow: which of our sockets, which address, which port (RFC 3261 §8.1.2, §16.6 step 7). A literal address is answered at
 * once. Names are looked up as A and AAAA; NAPTR and SRV (RFC 3263) are not read yet.
 */
import dns from 'node:dns/promises'
import { isIP, isIPv6 } from 'node:net'
import type { Uri } from '../message/uri.ts'
import type { Flow, LocalSocket } from '../transport/flow.ts'
import type { RouteAddresses } from '../transport/route-addresses.ts'

/** A socket that can be sent from; `routes` where it is bound to every address. */
export interface Outlet extends LocalSocket {
  readonly routes?: RouteAddresses | undefined
}

/** The address of a name. Rejects when there is none. */
export type Lookup = (name: string) => Promise<string>

export type NextHop = (uri: Uri, from: LocalSocket) => Flow | Promise<Flow>

export function makeNextHop(sockets: readonly Outlet[], lookup: Lookup = systemLookup): NextHop {
  return (uri, from) => {
    const refusal = unusable(uri)
    if (refusal !== undefined) return Promise.reject(new Error(refusal))
    const host = uri.param('maddr') ?? uri.host
    const bare = host.startsWith('[') ? host.slice(1, -1) : host
    const port = uri.port ?? 5060
    if (isIP(bare) !== 0) return towards(sockets, bare, port, from)
    return lookup(bare).then((address) => towards(sockets, address, port, from))
  }
}

function unusable(uri: Uri): string | undefined {
  if (uri.scheme !== 'sip') return `no way to send to a ${uri.scheme}: URI: ${uri.toString()}`
  const transport = uri.param('transport')?.toLowerCase()
  if (transport !== undefined && transport !== 'udp')
    return `transport ${transport} is not available: ${uri.toString()}`
  return undefined
}

async function systemLookup(name: string): Promise<string> {
  const { address } = await dns.lookup(name, { verbatim: true })
  return address
}

function towards(sockets: readonly Outlet[], address: string, port: number, from: LocalSocket): Flow | Promise<Flow> {
  const local = chooseSocket(sockets, address, from)
  if (local === undefined) return Promise.reject(new Error(`no socket of ours reaches ${address}`))
  const flow: Flow = { transport: local.transport, address, port, local }
  const { routes } = local
  if (routes === undefined || routes.has(address)) return flow
  return routes.learn(address).then(() => flow)
}

/** The socket that the request came in on, if it speaks the family of the peer; else the first that does. */
function chooseSocket(sockets: readonly Outlet[], address: string, from: LocalSocket): Outlet | undefined {
  const six = isIPv6(address)
  const fits = (socket: Outlet): boolean => isIPv6(socket.address) === six
  return sockets.find((socket) => socket === from && fits(socket)) ?? sockets.find(fits)
}
