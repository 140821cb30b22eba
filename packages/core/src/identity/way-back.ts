/**
 * Whom the caller's own identity may be told: the hop that leads back to him. It is sealed beside the identity; a callee that asks us to
 * restore a request which it then sends to itself learns nothing.
 */
import { flat } from '../message/chars.ts'
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import { canonicalHost, type Uri } from '../message/uri.ts'

/** Where requests from the callee's side go after us: what record-routed before us, else the Contact; and where the request came from. */
export function wayBack(request: Message): string[] {
  const before = request.has(H.RecordRoute) ? request.address(H.RecordRoute) : request.address(H.Contact)
  const { source } = request
  const ways = before?.isValid ? [placeOf(before.uri)] : []
  if (source !== undefined) ways.push(place(source.address, source.port))
  return ways
}

/** Whether a request, own Routes taken off, goes there. */
export function goesBack(request: Message, ways: readonly string[]): boolean {
  const uri = request.address(H.Route)?.uri ?? request.uri
  return uri !== undefined && leadsBack(uri, ways)
}

export function leadsBack(hop: Uri, ways: readonly string[]): boolean {
  return ways.includes(placeOf(hop))
}

/** How many callers are remembered that have moved; the one noted longest ago goes. */
const MAX_MOVED = 10_000

interface Move {
  readonly ways: readonly string[]
  readonly cseq: number
}

/**
 * Callers who are reached elsewhere since the call began, by the seal of their identity: whoever begins a call of his own under their Call-ID and
 * tag moves nobody else. Kept in memory, lost with the process.
 */
export class MovedCallers {
  readonly #moves = new Map<string, Move>()

  waysOf(id: string): readonly string[] {
    return this.#moves.get(id)?.ways ?? []
  }

  /**
   * What to do once the request is accepted, if it says that its sender is reached elsewhere. That he is the caller is for others to say; a
   * name can be guessed, so he has to be where the caller was, too.
   */
  follow(id: string, request: Message, ways: readonly string[]): (() => void) | undefined {
    const { method, source } = request
    if ((method !== 'INVITE' && method !== 'UPDATE') || source === undefined || goesTo(request, ways)) return undefined
    const host = canonicalHost(source.address) + ' '
    if (!ways.some((way) => way.startsWith(host))) return undefined
    const move = { ways: wayBack(request), cseq: request.cseq!.number }
    return () => this.#note(id, move)
  }

  #note(id: string, move: Move): void {
    const known = this.#moves.get(id)
    // A 2xx that is repeated brings back nothing that is over.
    if (known !== undefined && known.cseq >= move.cseq) return
    this.#moves.delete(id)
    this.#moves.set(id, move)
    if (this.#moves.size > MAX_MOVED) this.#moves.delete(this.#moves.keys().next().value!)
  }
}

/** Whether its sender is reached where he was: most are. */
function goesTo(request: Message, ways: readonly string[]): boolean {
  return wayBack(request).every((way) => ways.includes(way))
}

function placeOf(uri: Uri): string {
  const { scheme, host } = uri
  // RFC 3261 §19.1.1: it is sent to the maddr.
  return place(
    uri.param('maddr') ?? host,
    uri.port ?? (scheme === 'sips' || uri.param('transport') === 'tls' ? 5061 : 5060),
  )
}

function place(host: string, port: number): string {
  return flat(canonicalHost(host) + ' ' + port)
}
