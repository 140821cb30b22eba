/** An address as tests write it: `127.0.0.1:5090`. */
import { SignalboxError } from '../errors.ts'

/** Throws `BAD_TARGET`. */
export function hostPort(address: string): [host: string, port: number] {
  const match = /^(.+):(\d+)$/.exec(address.replace(/^udp:/, ''))
  if (match === null) throw new SignalboxError('BAD_TARGET', `not an address: ${address}; expected host:port`)
  return [match[1]!, Number(match[2])]
}
