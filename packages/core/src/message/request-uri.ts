import { Uri } from './uri.ts'

/** RFC 3261 §19.1.1 table 1: the same URI without what a Request-URI may not have, a method and header components. */
export function asRequestUri(uri: Uri): Uri {
  const { scheme, headers } = uri
  if (scheme !== 'sip' && scheme !== 'sips') return uri
  const bare = headers === '' ? uri : Uri.parse(uri.bytes.slice(0, -headers.length))!
  return bare.param('method') === undefined ? bare : bare.with({ params: { method: null } })
}
