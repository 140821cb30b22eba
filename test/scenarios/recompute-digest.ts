/** What the response of a digest answer has to be (RFC 7616 §3.4.1): an implementation of its own, so that the proxy's is not checked against itself. */
import { createHash } from 'node:crypto'

const hashes: Record<string, string> = { md5: 'md5', 'sha-256': 'sha256', 'sha-512-256': 'sha512-256' }

/** Whether the answer in this header of the request is right for the password. */
export function isRightDigest(wire: string, header: string, username: string, password: string): boolean {
  const [head = '', body = ''] = wire.split('\r\n\r\n')
  const line = new RegExp(`^${header}: Digest (.*)$`, 'm').exec(head)?.[1] ?? ''
  const pairs = line.matchAll(/([\w-]+)=(?:"((?:\\.|[^"\\])*)"|([^",\s]+))/g)
  const params = new Map(
    [...pairs].map(([, name, quoted, bare]) => [name, quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '']),
  )
  const value = (name: string): string => params.get(name) ?? ''
  const [named = '', session] = value('algorithm').toLowerCase().split('-sess')
  const h = (text: string): string => createHash(hashes[named]!).update(text, 'latin1').digest('hex')
  const [nonce, cnonce, qop] = [value('nonce'), value('cnonce'), value('qop')]
  const user = h(`${username}:${value('realm')}:${password}`)
  const a1 = session === undefined ? user : h(`${user}:${nonce}:${cnonce}`)
  const request = `${head.split(' ', 1)[0]}:${value('uri')}`
  const a2 = h(qop === 'auth-int' ? `${request}:${h(body)}` : request)
  const middle = qop === '' ? [] : [value('nc'), cnonce, qop]
  return value('response') === h([a1, nonce, ...middle, a2].join(':'))
}
