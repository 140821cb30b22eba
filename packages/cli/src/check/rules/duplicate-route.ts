import { titleOf } from './route-names.ts'
import { spot, type Rule } from './rule.ts'
import type { Handler } from '../model.ts'

export const duplicateRoute: Rule = {
  id: 'duplicate-route',
  severity: 'error',
  reason: 'a second route of the same name refuses the bundle',
  *find({ model }) {
    const first = new Map<string, Handler>()
    for (const handler of model.handlers) {
      const { name, place } = handler
      if (name === undefined) continue
      // There is one of each; of those with names, one of each name.
      const key = titleOf(handler)
      const known = first.get(key)
      if (!known) first.set(key, handler)
      else yield { place, text: `${key} is registered at ${spot(known.place)} already`, hint: hintOn(handler) }
    }
  },
}

function hintOn({ kind, name }: Handler): string {
  const together = name === '' || kind === 'event'
  return together ? 'call both from one handler: if (await screened(call)) return' : 'give one of them another name'
}
