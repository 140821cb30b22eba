/**
 * Whom the caller's own identity may be told: the hop that leads back to him. It is sealed beside the identity; a callee that asks us to
 * restore a request which it then sends to itself learns nothing.
 */
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
  return uri !== undefined && ways.includes(placeOf(uri))
}

/** How many callers are remembered that have moved; the one noted longest ago goes. */
const MAX_MOVED = 10_000

/** Callers who are reached elsewhere since the call began: kept in memory, lost with the process. */
export class MovedCallers {
  readonly #ways = new Map<string, readonly string[]>()

  waysOf(dialog: string): readonly string[] {
    return this.#ways.get(dialog) ?? []
  }

  /** RFC 3261 §12.2: a target refresh from the address where the caller was. From anywhere else it may be the callee who says so. */
  note(dialog: string, request: Message, ways: readonly string[]): void {
    const { method, source } = request
    if ((method !== 'INVITE' && method !== 'UPDATE') || source === undefined || goesTo(request, ways)) return
    const host = canonicalHost(source.address) + ' '
    if (!ways.some((way) => way.startsWith(host))) return
    this.#ways.delete(dialog)
    this.#ways.set(dialog, wayBack(request))
    if (this.#ways.size > MAX_MOVED) this.#ways.delete(this.#ways.keys().next().value!)
  }
}

/** Whether its sender is reached where he was: most are. */
function goesTo(request: Message, ways: readonly string[]): boolean {
  return wayBack(request).every((way) => ways.includes(way))
}

function placeOf(uri: Uri): string {
  const { scheme, host } = uri
  return place(host, uri.port ?? (scheme === 'sips' || uri.param('transport') === 'tls' ? 5061 : 5060))
}

function place(host: string, port: number): string {
  return canonicalHost(host) + ' ' + port
}
