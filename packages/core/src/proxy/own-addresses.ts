/** Which hosts are us (RFC 3261 §16.4, §16.5): the listening addresses, the machine's own when bound to all, and the aliases. */
import { codesOf, standsAt } from '../message/chars.ts'
import { canonicalHost, type Uri } from '../message/uri.ts'
import { recordRoute } from './record-route.ts'

export interface OwnAddress {
  readonly host: string
  readonly port: number
}

/** The parameters of a URI, without escapes, and the end of the address. */
const usualParams = /(?:;[\w.!~*+-]+(?:=[\w.!~*+-]+)?)*>$/y

export class OwnAddresses {
  /** The ports of each address. */
  readonly #ports = new Map<string, Set<number>>()
  readonly #aliases: Set<string>
  /** What each Record-Route of ours begins with. */
  readonly #routeStarts: Uint8Array[] = []

  /** `aliases` are names that are ours on any port. */
  constructor(addresses: readonly OwnAddress[], aliases: readonly string[]) {
    for (const { host, port } of addresses) {
      const canonical = canonicalHost(host)
      this.#ports.set(canonical, (this.#ports.get(canonical) ?? new Set()).add(port))
      const start = recordRoute(`${host.includes(':') ? `[${host}]` : host}:${port}`, 0, '').slice(0, -1)
      this.#routeStarts.push(codesOf(start))
    }
    this.#aliases = new Set(aliases.map(canonicalHost))
  }

  has(uri: Uri): boolean {
    return uri.host !== '' && this.#is(uri.host, uri)
  }

  /** The URI of a Route that is alone and looks as we write them, which most do and need not be read; undefined for any other, ours or not. */
  ownRoute(value: string): string | undefined {
    for (const start of this.#routeStarts) {
      if (!standsAt(value, 0, start)) continue
      if (value.length === start.length + 1 && value.endsWith('>')) return value.slice(1, -1)
      usualParams.lastIndex = start.length
      return usualParams.test(value) ? value.slice(1, -1) : undefined
    }
    return undefined
  }

  /** Whether a host is one of the addresses, on whatever port. An alias is none. */
  hasAddress(host: string): boolean {
    return this.#ports.has(canonicalHost(host))
  }

  /** Whether its `maddr` is one of ours, on the port that it names. */
  hasMaddr(uri: Uri): boolean {
    const maddr = uri.param('maddr')
    return maddr !== undefined && uri.host !== '' && this.#is(maddr, uri)
  }

  #is(host: string, { port, scheme }: Uri): boolean {
    const canonical = canonicalHost(host)
    if (this.#aliases.has(canonical)) return true
    return this.#ports.get(canonical)?.has(port ?? (scheme === 'sips' ? 5061 : 5060)) ?? false
  }
}
