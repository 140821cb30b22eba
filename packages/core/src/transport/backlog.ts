/**
 * How full the kernel's queue in front of a UDP socket is. Node does not tell, Linux does, in /proc/net/udp: that is how overload shows
 * before anything else does, since a queue that grows is time that every message loses. Elsewhere the answer is 0.
 */
import { readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'

/** Bytes queued for the socket bound to this port; of several, for the one with this inode, else for the one with most. */
export function queuedBytes(address: string, port: number, inode?: number): number {
  const table = readTable(isIPv6(address) ? '/proc/net/udp6' : '/proc/net/udp')
  const wanted = ':' + port.toString(16).toUpperCase().padStart(4, '0') + ' '
  let most = 0
  for (let at = table.indexOf(wanted); at >= 0; at = table.indexOf(wanted, at + 1)) {
    const [, queued, of] = line.exec(table.slice(at, at + 160)) ?? []
    if (queued !== undefined && (inode === undefined || Number(of) === inode))
      most = Math.max(most, parseInt(queued, 16))
  }
  return most
}

/** From the local port on: peer, state, bytes to send and received, timer, retransmissions, user, timeout, inode. */
const line = /^:[0-9A-F]{4} [0-9A-F]+:0000 [0-9A-F]+ [0-9A-F]+:([0-9A-F]+) \S+ \S+ +\d+ +\d+ (\d+) /

let isReadable = true

function readTable(path: string): string {
  if (!isReadable) return ''
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    // Not Linux, or a sandbox without /proc: there is nothing to be learnt, now or later.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    isReadable = false
    return ''
  }
}
