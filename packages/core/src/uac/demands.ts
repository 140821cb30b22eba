/**
 * Who asks for a digest in a 401 or 407: each realm in each of the two headers once, with its challenges that can be answered (RFC 3261 §22.3: a
 * forking proxy puts those of several branches into one response).
 */
import { unfold } from '../message/chars.ts'
import { H, type HeaderId } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import { readChallenges } from './challenge.ts'
import { usable, type UsableChallenge } from './usable-challenge.ts'

export interface Demand {
  /** Where the answer goes: Authorization or Proxy-Authorization. */
  readonly header: HeaderId
  readonly realm: string
  /** In the order of the response: RFC 8760 §2.4, what the server prefers comes first. At least one. */
  readonly challenges: readonly UsableChallenge[]
}

const headers: Record<number, HeaderId> = { 401: H.WwwAuthenticate, 407: H.ProxyAuthenticate }

/** In the order of the response, or why nobody can be answered. */
export function demandsOf(response: Message): Demand[] | string {
  const header = headers[response.status]
  if (header === undefined) return `a ${response.status} is no challenge`
  if (!response.has(header)) return 'the answer names no challenge'
  const demands: Growing[] = []
  /** By header and realm. Made for the second challenge: most responses hold one. */
  let known: Map<string, Growing> | undefined
  let why = 'the answer names no challenge'
  for (const field of response.fields) {
    const answer = answerTo(field.id)
    if (answer === undefined) continue
    for (const challenge of readChallenges(unfold(field.value))) {
      const found = usable(challenge)
      if (typeof found === 'string') {
        why = found
        continue
      }
      if (demands.length > 0) known ??= new Map([[keyOf(demands[0]!), demands[0]!]])
      const demand: Growing = { header: answer, realm: found.realm, challenges: [found] }
      const before = known?.get(keyOf(demand))
      if (before !== undefined) before.challenges.push(found)
      else {
        demands.push(demand)
        known?.set(keyOf(demand), demand)
      }
    }
  }
  return demands.length > 0 ? demands : why
}

type Growing = Demand & { readonly challenges: UsableChallenge[] }

function keyOf({ header, realm }: Demand): string {
  return header + ' ' + realm
}

/** Each kind of challenge is answered in its own header, whichever status it stands in. */
function answerTo(header: HeaderId): HeaderId | undefined {
  if (header === H.WwwAuthenticate) return H.Authorization
  return header === H.ProxyAuthenticate ? H.ProxyAuthorization : undefined
}
