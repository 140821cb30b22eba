/** Whether a challenge can be answered at all (RFC 7616 §3.3, RFC 8760 §2.4), and what its answer needs to know of it. */
import { breaksLine } from '../message/chars.ts'
import type { Challenge } from './challenge.ts'
import { readAlgorithm, type NamedAlgorithm } from './digest.ts'

/** A challenge that can be answered. */
export interface UsableChallenge {
  readonly realm: string
  readonly nonce: string
  readonly opaque: string
  readonly algorithm: NamedAlgorithm
  /** As the challenge spells it; '' when it names none. */
  readonly algorithmText: string
  readonly qop: 'auth' | 'auth-int' | ''
  readonly userhash: boolean
  readonly stale: boolean
}

/** What can be answered in it; otherwise why it cannot. */
export function usable({ scheme, params }: Challenge): UsableChallenge | string {
  if (scheme !== 'digest') return `scheme ${scheme} is not Digest`
  const algorithmText = params.get('algorithm')?.trim() ?? ''
  const algorithm = readAlgorithm(algorithmText)
  if (algorithm === undefined) return `algorithm ${algorithmText} is not known`
  const realm = params.get('realm') ?? ''
  const nonce = params.get('nonce') ?? ''
  const opaque = params.get('opaque') ?? ''
  if (nonce === '') return 'the challenge has no nonce'
  // They are echoed: a line break that came in quotes would end our header.
  if (breaksLine(realm) || breaksLine(nonce) || breaksLine(opaque)) return 'the challenge has a line break in a value'
  const offered = optionsOf(params.get('qop'))
  const qop = chooseQop(offered)
  if (qop === undefined) return `qop ${offered.join(', ')} is not known`
  const userhash = isTrue(params.get('userhash'))
  const stale = isTrue(params.get('stale'))
  return { realm, nonce, opaque, algorithm, algorithmText, qop, userhash, stale }
}

function isTrue(text: string | undefined): boolean {
  return text !== undefined && text.trim().toLowerCase() === 'true'
}

/** RFC 7616 §3.3: what is not known is ignored. `auth` first: a body that somebody changes on the way then breaks nothing. */
function chooseQop(offered: readonly string[]): UsableChallenge['qop'] | undefined {
  if (offered.length === 0) return ''
  if (offered.includes('auth')) return 'auth'
  return offered.includes('auth-int') ? 'auth-int' : undefined
}

function optionsOf(qop: string | undefined): readonly string[] {
  if (qop === undefined) return []
  return qop
    .split(',')
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== '')
}
