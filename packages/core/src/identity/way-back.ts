/**
 * Whom the caller's own identity may be told: the hop that leads back to him. It is sealed beside the identity; a callee that asks us to
 * restore a request which it then sends to itself learns nothing.
 */
import { H } from '../message/header-names.ts'
import type { Message } from '../message/message.ts'
import type { Uri } from '../message/uri.ts'

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

function placeOf(uri: Uri): string {
  const { scheme, host } = uri
  return place(host, uri.port ?? (scheme === 'sips' || uri.param('transport') === 'tls' ? 5061 : 5060))
}

function place(host: string, port: number): string {
  return host.replace(/^\[|\]$/g, '') + ' ' + port
}
