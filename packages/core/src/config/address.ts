/**
 * `HOST:PORT` as it stands in a config: listen addresses, advertised addresses, the admin port. IPv6 stands in [ ].
 * A host is a name or an address; nothing is looked up here.
 */

export interface HostPort {
  /** Without brackets. */
  host: string
  port?: number
}

/** What `listen: ['udp:127.0.0.1:5060']` means. */
export interface ListenAddress extends HostPort {
  transport: string
  port: number
}

const SIP_PORT = 5060
const hostPort = /^(?:\[([0-9a-f:.%\w]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/i

/** `undefined` when it is none. */
export function parseHostPort(text: string): HostPort | undefined {
  const [, bracketed, plain, digits] = hostPort.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined) return undefined
  if (digits === undefined) return { host }
  const port = Number(digits)
  return port <= 65_535 ? { host, port } : undefined
}

/** `transport:HOST:PORT`; the port may be missing. `localhost` is 127.0.0.1: a socket is bound to an address. */
export function parseListen(text: string): ListenAddress | undefined {
  const colon = text.indexOf(':')
  if (colon < 1) return undefined
  const address = parseHostPort(text.slice(colon + 1))
  if (address === undefined) return undefined
  const host = address.host.toLowerCase() === 'localhost' ? '127.0.0.1' : address.host
  return { transport: text.slice(0, colon).toLowerCase(), host, port: address.port ?? SIP_PORT }
}

/** Whether only this machine can reach it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
