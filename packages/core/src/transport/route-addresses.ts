/**
 * Which of the machine's addresses the kernel would send from towards a peer: a socket bound to all of them has to write one into Via. A
 * connected UDP socket tells, without sending anything; the answer is kept, for as many peers as fit.
 */
import dgram from 'node:dgram'
import { BlockList, isIPv6 } from 'node:net'
import os from 'node:os'

/** How many peers are remembered; the oldest go first. */
const MAX_PEERS = 10_000

export class RouteAddresses {
  readonly #known = new Map<string, string>()

  has(peer: string): boolean {
    return this.#known.has(peer)
  }

  /** What was learnt about this peer, else what the machine's interfaces make likely. */
  known(peer: string): string {
    return this.#known.get(peer) ?? guess(peer)
  }

  async learn(peer: string): Promise<void> {
    const address = await sourceTowards(peer)
    if (this.#known.size >= MAX_PEERS) this.#known.delete(this.#known.keys().next().value!)
    this.#known.set(peer, address)
  }
}

function sourceTowards(peer: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket(isIPv6(peer) ? 'udp6' : 'udp4')
    socket.once('error', (error) => {
      socket.close()
      reject(error)
    })
    socket.once('connect', () => {
      const { address } = socket.address()
      socket.close()
      resolve(address)
    })
    // The port says nothing: no packet leaves. A callback here would be given the error that the listener above waits for.
    socket.connect(9, peer)
  })
}

/** Without asking the kernel: itself on loopback, the address on the peer's own network, else the first that leads outside. */
function guess(peer: string): string {
  const family = isIPv6(peer) ? 'IPv6' : 'IPv4'
  const all = Object.values(os.networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const usable = all.filter((each) => each.family === family)
  const near = usable.find(({ cidr }) => cidr !== null && holds(cidr, peer, family))
  const any = near ?? usable.find((each) => !each.internal) ?? usable[0]
  return any?.address ?? (family === 'IPv6' ? '::1' : '127.0.0.1')
}

function holds(cidr: string, peer: string, family: 'IPv4' | 'IPv6'): boolean {
  const [address = '', prefix] = cidr.split('/')
  const type = family === 'IPv6' ? 'ipv6' : 'ipv4'
  const network = new BlockList()
  network.addSubnet(address, Number(prefix), type)
  return network.check(peer, type)
}

/** Bound to every address of the machine. */
export function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}
