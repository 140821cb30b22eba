/**
 * From a URI to a flow: which of our sockets, which address, which port (RFC 3261 §8.1.2, §16.6 step 7). A literal address is answered at
 * once. Names are looked up as A and AAAA; NAPTR and SRV (RFC 3263) are not read yet.
 */
import dns from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Uri } from '../message/uri.ts'
import type { Flow, LocalSocket } from '../transport/flow.ts'
import { Flows } from '../transport/flows.ts'
import { isUnspecified, type RouteAddresses } from '../transport/route-addresses.ts'

/** A socket that can be sent from; `routes` where it is bound to every address. */
export interface Outlet extends LocalSocket {
  readonly routes?: RouteAddresses | undefined
}

/** The address of a name. Rejects when there is none. */
export type Lookup = (name: string) => Promise<string>

/** `from` is where a request came from, undefined for one of our own; `by` the only socket that may be used. */
export type NextHop = (uri: Uri, from: Flow | undefined, by?: LocalSocket) => Flow | Promise<Flow>

export function makeNextHop(sockets: readonly Outlet[], lookup: Lookup = systemLookup): NextHop {
  const flows = new Flows()
  return (uri, from, by) => {
    const outlets = by === undefined ? sockets : [by]
    const refusal = unusable(uri)
    if (refusal !== undefined) return Promise.reject(new Error(refusal))
    const host = uri.param('maddr') ?? uri.host
    const bare = host.startsWith('[') ? host.slice(1, -1) : host
    const port = uri.port ?? 5060
    if (isIP(bare) !== 0) return towards(outlets, flows, { address: bare, port }, from)
    return lookup(bare).then((address) => towards(outlets, flows, { address, port }, from))
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

function towards(
  sockets: readonly Outlet[],
  flows: Flows,
  { address, port }: { address: string; port: number },
  from: Flow | undefined,
): Flow | Promise<Flow> {
  const local = chooseSocket(sockets, address, from?.local)
  if (local === undefined) return Promise.reject(new Error(`no socket of ours reaches ${address}`))
  const flow = flows.to(address, port, local)
  const there = learnRoute(local, flow.address)
  const back = from === undefined || local === from.local ? undefined : learnRoute(from.local, from.address)
  return there === undefined && back === undefined ? flow : Promise.all([there, back]).then(() => flow)
}

/** What our own headers are to name towards this peer has to be found out first, where the socket is bound to every address. */
function learnRoute({ routes }: Outlet, peer: string): Promise<void> | undefined {
  return routes === undefined || routes.has(peer) ? undefined : routes.learn(peer)
}

/** The socket that the request came in on, if there is one and the peer can be reached from it; else the first from which it can. */
function chooseSocket(sockets: readonly Outlet[], address: string, from: LocalSocket | undefined): Outlet | undefined {
  if (from !== undefined && reaches(from, address)) return from
  return sockets.find((socket) => reaches(socket, address)) ?? sockets.find((socket) => isSameFamily(socket, address))
}

/** A socket bound to loopback sends nowhere else, and one bound to another address not to loopback. */
function reaches(socket: LocalSocket, peer: string): boolean {
  const { address } = socket
  return isSameFamily(socket, peer) && (isUnspecified(address) || isLoopback(address) === isLoopback(peer))
}

function isSameFamily({ address }: LocalSocket, peer: string): boolean {
  return address.includes(':') === peer.includes(':')
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}
