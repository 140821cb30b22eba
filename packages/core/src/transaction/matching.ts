/** Which transaction a message belongs to: RFC 3261 §17.1.3 for responses, §17.2.3 for requests. */
import { randomFillSync } from 'node:crypto'
import { flat } from '../message/chars.ts'
import type { Message } from '../message/message.ts'
import { MAGIC_COOKIE, type Via } from '../message/via.ts'

/**
 * Our branch is unique by itself. Its number alone, where it can be read, makes a hash without a look at the rest. One `Ids` makes all branches of
 * a layer, so no two have the same number, but for a CANCEL, which shares it with its INVITE.
 */
export function clientHash(branch: string): number {
  const number = numberIn(branch)
  return number === undefined ? mixed(hashed(0, branch, secrets.branch)) : mixed(Math.imul(number, SPREAD))
}

/** The number behind the first dot (`proxy/ids.ts`), in up to six digits of base 36, which V8 keeps without an object of their own. */
function numberIn(branch: string): number | undefined {
  let number = 0
  const first = branch.indexOf('.') + 1
  for (let i = first; i <= first + 6; i++) {
    const code = branch.charCodeAt(i)
    if (code >= 0x30 && code <= 0x39) number = number * 36 + code - 0x30
    else if (code >= 0x61 && code <= 0x7a) number = number * 36 + code - 0x57
    else return i > first && (code === 0x2e || code === 0x7e) ? number : undefined
  }
  return undefined
}

/** Of `serverKey`, which need not be made to know this. */
export function serverHash(request: Message, method: string): number {
  const via = request.topVia!
  if (isOld(via)) return mixed(hashed(0, oldKey(request, method), secrets.branch))
  const ofPeer = hashed(Math.imul(via.port ?? 0, SPREAD), via.host, secrets.host)
  return mixed(hashed(hashed(ofPeer, via.branch, secrets.branch), method, secrets.method))
}

/** `method` is INVITE for the transaction that an ACK or a CANCEL is about. */
export function serverKey(request: Message, method: string): string {
  const via = request.topVia!
  if (isOld(via)) return oldKey(request, method)
  return flat(via.branch + ' ' + via.host + ':' + (via.port ?? '') + (method === 'INVITE' ? '' : ' ' + method))
}

/** RFC 4475 §3.2.1: the cookie alone is no more unique than no branch at all. */
function isOld({ branch }: Via): boolean {
  return !branch.startsWith(MAGIC_COOKIE) || branch === MAGIC_COOKIE
}

/**
 * RFC 3261 §17.2.3 for peers of RFC 2543, whose branch says nothing. The To tag is left out: an ACK has the one of our response, and
 * Call-ID, From tag and CSeq number already tell the transaction apart.
 */
function oldKey(request: Message, method: string): string {
  const { requestUri, fromTag, callId, cseq, topVia } = request
  return ['2543', requestUri, fromTag, callId, cseq!.number, topVia!.bytes, method].join(' ')
}

/** How many letters have a secret of their own. */
const SECRETS = 128

/** A prime with its bits all over. */
const SPREAD = 0x9e3779b1

/** Who knew them could send requests that all have the same hash, and each would be compared with all before it. */
const secrets = {
  branch: randomFillSync(new Int32Array(SECRETS)),
  host: randomFillSync(new Int32Array(SECRETS)),
  method: randomFillSync(new Int32Array(SECRETS)),
}

/** Each letter is multiplied by the secret of its place: two texts fall together by chance alone, for whoever does not know the secrets. */
function hashed(hash: number, text: string, secret: Int32Array): number {
  for (let i = 0; i < text.length; i++) {
    const place = i % SECRETS
    // Where the secrets begin anew, letters that have changed places must tell.
    if (place === 0) hash = Math.imul(hash ^ (hash >>> 15), SPREAD)
    hash = (hash + Math.imul(text.charCodeAt(i), secret[place]!)) | 0
  }
  return hash
}

/** Of a sum the highest bits are mixed best, and a table takes the lowest. */
function mixed(hash: number): number {
  return hash ^ (hash >>> 16)
}
