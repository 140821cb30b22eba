import { registrars } from './route-names.ts'
import { spot, type Rule } from './rule.ts'
import type { Handler, HandlerKind } from '../model.ts'

/** There is one of each; of those with names, one of each name. */
const single: Record<HandlerKind, string> = {
  ...registrars,
  request: 'onRequest',
  inDialog: 'onInDialog',
  local: 'onLocal',
  event: 'onEvent',
  load: 'onLoad',
  dispose: 'onDispose',
}

export const duplicateRoute: Rule = {
  id: 'duplicate-route',
  severity: 'error',
  reason: 'a second route of the same name refuses the bundle',
  *find({ model }) {
    const first = new Map<string, Handler>()
    for (const handler of model.handlers) {
      const { kind, name, place } = handler
      if (name === undefined) continue
      const key = name === '' ? single[kind] : `${single[kind]} '${name}'`
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
