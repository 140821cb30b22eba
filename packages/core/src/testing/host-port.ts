/** An address as tests write it: `127.0.0.1:5090`. */
import { parseHostPort } from '../config/address.ts'
import { SignalboxError } from '../errors.ts'

/** Throws `BAD_TARGET`. */
export function hostPort(address: string): [host: string, port: number] {
  const text = address.replace(/^udp:/, '')
  const port = parseHostPort(text)?.port ?? 0
  if (port === 0) throw new SignalboxError('BAD_TARGET', `expected host:port such as 127.0.0.1:5090, found ${address}`)
  return [text.slice(0, text.lastIndexOf(':')), port]
}
