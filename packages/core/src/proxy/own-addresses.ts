/** Which hosts are us (RFC 3261 §16.4, §16.5): the listening addresses, the machine's own when bound to all, and the aliases. */
import type { Uri } from '../message/uri.ts'

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
    this.#hosts = new Set(addresses.map(({ host }) => canonical(host)))
    this.#aliases = new Set(aliases.map(canonical))
  }

  has(uri: Uri): boolean {
    return uri.host !== '' && this.#is(uri.host, uri)
  }

  /** Whether a host is one of the addresses, on whatever port. An alias is none. */
  hasAddress(host: string): boolean {
    return this.#hosts.has(canonical(host))
  }

  /** Whether its `maddr` is one of ours, on the port that it names. */
  hasMaddr(uri: Uri): boolean {
    const maddr = uri.param('maddr')
    return maddr !== undefined && uri.host !== '' && this.#is(maddr.toLowerCase(), uri)
  }

  #is(host: string, { port, scheme }: Uri): boolean {
    return (
      this.#aliases.has(canonical(host)) || this.#hostPorts.has(key(host, port ?? (scheme === 'sips' ? 5061 : 5060)))
    )
  }
}

/** One spelling for each address: IPv6 as RFC 5954 §4.2 compares it, names without the root's dot. */
function key(host: string, port: number): string {
  return canonical(host) + ' ' + port
}

function canonical(host: string): string {
  const bare = (host.startsWith('[') ? host.slice(1, -1) : host).toLowerCase()
  if (!bare.includes(':')) return bare.endsWith('.') ? bare.slice(0, -1) : bare
  return URL.canParse(`http://[${bare}]`) ? new URL(`http://[${bare}]`).hostname : bare
}
