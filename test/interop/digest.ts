/**
 * Recomputes digest answers (RFC 7616 §3.4.1, MD5) from what the carrier logged: an implementation of its own, so that the
 * proxy's is not checked against itself.
 */
import { createHash } from 'node:crypto'

const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

export interface DigestTally {
  checked: number
  wrong: string[]
}

/** Looks at every logged line that starts with `INVITE auth`. */
export function checkDigests(log: string, password: string): DigestTally {
  const lines = log.split('\n').filter((line) => line.startsWith('INVITE auth'))
  return { checked: lines.length, wrong: lines.filter((line) => !isRight(parameters(line), password)) }
}

function isRight(digest: Map<string, string>, password: string): boolean {
  const value = (name: string): string => digest.get(name) ?? ''
  const a1 = md5(`${value('username')}:${value('realm')}:${password}`)
  const a2 = md5(`INVITE:${value('uri')}`)
  const qop = digest.has('qop') ? [value('nc'), value('cnonce'), value('qop')] : []
  return md5([a1, value('nonce'), ...qop, a2].join(':')) === digest.get('response')
}

function parameters(line: string): Map<string, string> {
  const pairs = line.matchAll(/(\w+)=(?:"([^"]*)"|([^",\s\]]+))/g)
  return new Map([...pairs].map(([, name = '', quoted, bare = '']) => [name, quoted ?? bare]))
}
