/** Which transaction a message belongs to: RFC 3261 §17.1.3 for responses, §17.2.3 for requests. */
import { flat } from '../message/chars.ts'
import type { Message } from '../message/message.ts'
import { MAGIC_COOKIE, type Via } from '../message/via.ts'
import { folded, hashOf, makeSecrets, spread } from './hash.ts'

const secrets = { branch: makeSecrets(), host: makeSecrets(), method: makeSecrets() }
const mask = secrets.branch[0]!
/** Odd, so that different numbers stay different. */
const factor = secrets.branch[1]! | 1

/**
 * Our branch is unique by itself. Its number alone, where it can be read, makes a hash without a look at the rest. One `Ids` makes all branches of
 * a layer, so no two have the same number, but for a CANCEL, which shares it with its INVITE.
 */
export function clientHash(branch: string): number {
  const number = numberIn(branch)
  if (number === undefined) return folded(hashOf(branch, secrets.branch))
  // Sixteen in a row lie side by side: what is begun at a time is in the cache at a time. Where they lie nobody can tell from the number: who keeps
  // some alive and ends others could else fill a part of the table.
  return (folded(spread(Math.imul((number >>> 4) ^ mask, factor))) << 4) | (number & 15)
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
  if (isOld(via)) return folded(hashOf(oldKey(request, method), secrets.branch))
  const ofPeer = hashOf(via.host, secrets.host, via.port)
  return folded(hashOf(method, secrets.method, hashOf(via.branch, secrets.branch, ofPeer)))
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
