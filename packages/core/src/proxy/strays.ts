/**
 * A response that belongs to no transaction because the process that sent the request is gone: our Via comes off, the CSeq goes back by what
 * the branch says, and the Via below says where it is to go (RFC 3261 §16.11).
 */
import { isIP } from 'node:net'
import { isChallenge } from '../message/challenge-status.ts'
import { Address } from '../message/address.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { Via } from '../message/via.ts'
import { Uri } from '../message/uri.ts'
import type { Ids } from './ids.ts'
import type { OwnAddresses } from './own-addresses.ts'

/** Changes `response` and says where to send it; undefined when it is not the answer to a request of an earlier process of ours. */
export function undoEarlier(response: Message, ids: Ids, own: OwnAddresses): Uri | undefined {
  const { topVia, cseq, status } = response
  const shift = topVia && ids.shiftOfEarlier(topVia.branch)
  // A 100 and the answer to a CANCEL end at the next hop; a challenge was for the credentials that went with the process.
  if (shift === undefined || status === 100 || isChallenge(status) || cseq!.method === 'CANCEL' || cseq!.number < shift)
    return undefined
  if (!own.has(uriOf(topVia!.host, topVia!.port))) return undefined
  response.removeFirstValue(H.Via)
  if (shift !== 0) response.put(H.CSeq, cseq!.number - shift + ' ' + cseq!.method)
  return response.topVia && sentFrom(response.topVia)
}

/** The URIs of our own among the Record-Routes of a response. */
export function recordedBy(response: Message, own: OwnAddresses): string[] {
  const routes = response.values(H.RecordRoute).map((value) => Address.parse(value))
  return routes.filter((route) => route?.isValid === true && own.has(route.uri)).map((route) => route!.uriBytes)
}

/** RFC 3581 §4, RFC 3261 §18.2.2. Names are not looked up: `received` is there where the Via says a name. */
function sentFrom({ host, port, received, rport }: Via): Uri | undefined {
  const address = received ?? host
  if (isIP(address.startsWith('[') ? address.slice(1, -1) : address) === 0) return undefined
  return uriOf(address.includes(':') && !address.startsWith('[') ? `[${address}]` : address, Number(rport) || port)
}

function uriOf(host: string, port: number | undefined): Uri {
  return Uri.parse(port === undefined ? `sip:${host}` : `sip:${host}:${port}`) ?? nowhere
}

const nowhere = Uri.parse('invalid:')!
