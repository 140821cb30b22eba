/** Which hosts are us (RFC 3261 §16.4, §16.5): the listening addresses, the machine's own when bound to all, and the aliases. */
import { canonicalHost, type Uri } from '../message/uri.ts'

export interface OwnAddress {
  readonly host: string
  readonly port: number
}

export class OwnAddresses {
  readonly #hostPorts = new Set<string>()
  readonly #aliases: Set<string>
  readonly #hosts: Set<string>

  /** `aliases` are names that are ours on any port. */
  constructor(addresses: readonly OwnAddress[], aliases: readonly string[]) {
    for (const { host, port } of addresses) this.#hostPorts.add(key(host, port))
    this.#hosts = new Set(addresses.map(({ host }) => canonicalHost(host)))
    this.#aliases = new Set(aliases.map(canonicalHost))
  }

  has(uri: Uri): boolean {
    return uri.host !== '' && this.#is(uri.host, uri)
  }

  /** Whether a host is one of the addresses, on whatever port. An alias is none. */
  hasAddress(host: string): boolean {
    return this.#hosts.has(canonicalHost(host))
  }

  /** Whether its `maddr` is one of ours, on the port that it names. */
  hasMaddr(uri: Uri): boolean {
    const maddr = uri.param('maddr')
    return maddr !== undefined && uri.host !== '' && this.#is(maddr.toLowerCase(), uri)
  }

  #is(host: string, { port, scheme }: Uri): boolean {
    return (
      this.#aliases.has(canonicalHost(host)) ||
      this.#hostPorts.has(key(host, port ?? (scheme === 'sips' ? 5061 : 5060)))
    )
  }
}

/** One spelling for each address: IPv6 as RFC 5954 §4.2 compares it, names without the root's dot. */
function key(host: string, port: number): string {
  return canonicalHost(host) + ' ' + port
}
