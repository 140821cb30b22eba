/** RFC 3261 §16.5: contacts as the places to try, the most preferred first, those that are preferred alike at once. */
import { Uri } from '../message/uri.ts'
import { preference, type Binding } from './binding.ts'

/** Where one contact is reached. */
export interface ContactTarget {
  readonly requestUri: Uri
  readonly nextHop?: Uri
}

/** At most `most`, those preferred least left out. */
export function targetsOf(bindings: readonly Binding[], most: number): ContactTarget[][] {
  const sorted = bindings
    .filter(({ uri }) => uri.host !== '')
    .sort((a, b) => preference(b) - preference(a))
    .slice(0, most)
  const groups: ContactTarget[][] = []
  let last: number | undefined
  for (const binding of sorted) {
    const q = preference(binding)
    if (q === last) groups.at(-1)!.push(targetOf(binding))
    else groups.push([targetOf(binding)])
    last = q
  }
  return groups
}

function targetOf({ uri, received }: Binding): ContactTarget {
  return { requestUri: asRequestUri(uri), ...(received !== undefined && { nextHop: received }) }
}

/** RFC 3261 §19.1.1: a contact may have header components and a method, a Request-URI none. */
function asRequestUri(uri: Uri): Uri {
  const { headers } = uri
  const bare = headers === '' ? uri : Uri.parse(uri.bytes.slice(0, -headers.length))!
  return bare.param('method') === undefined ? bare : bare.with({ params: { method: null } })
}
