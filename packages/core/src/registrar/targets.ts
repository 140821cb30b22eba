/** RFC 3261 §16.5: contacts as the places to try, the most preferred first, those that are preferred alike at once. */
import { asRequestUri } from '../message/request-uri.ts'
import type { Uri } from '../message/uri.ts'
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
