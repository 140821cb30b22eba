/** All rules. */
import type { Finding } from '../findings.ts'
import { placeKey } from '../flow/path.ts'
import { walk } from '../flow/walk.ts'
import type { FlowEvent } from '../flow/walker.ts'
import type { Handler, Model, Place } from '../model.ts'
import { duplicateRoute } from './duplicate-route.ts'
import { floatingPromise } from './floating-promise.ts'
import { lateRoute } from './late-route.ts'
import { noAction } from './no-action.ts'
import { noRequest } from './no-request.ts'
import { recordRoute } from './record-route.ts'
import { replaceAfterRelay } from './replace-after-relay.ts'
import type { Found, Routes, Rule } from './rule.ts'
import { secondAction } from './second-action.ts'
import { secret } from './secret.ts'
import { unarmedRoute } from './unarmed-route.ts'
import { uncheckedAuth } from './unchecked-auth.ts'
import { unknownRoute } from './unknown-route.ts'
import { unreachedRoute } from './unreached-route.ts'

export const rules: readonly Rule[] = [
  noAction,
  secondAction,
  floatingPromise,
  uncheckedAuth,
  replaceAfterRelay,
  recordRoute,
  unknownRoute,
  duplicateRoute,
  lateRoute,
  noRequest,
  unarmedRoute,
  unreachedRoute,
  secret,
]

/** Without what is waived. */
export function findByRules(model: Model, lineOf: (place: Place) => string): Finding[] {
  const walked = new Map<Handler, readonly FlowEvent[]>()
  const routes: Routes = { model, eventsOf, events }
  return rules.flatMap((rule) =>
    distinct(rule.find(routes)).map((found) => findingOf(rule, found, lineOf(found.place))),
  )

  function eventsOf(handler: Handler): readonly FlowEvent[] {
    const known = walked.get(handler)
    if (known) return known
    const fresh = (handler.routine && walk(handler.routine, model)) ?? []
    walked.set(handler, fresh)
    return fresh
  }

  function* events() {
    for (const handler of model.handlers) for (const event of eventsOf(handler)) yield { ...event, handler }
  }
}

export function pageOf(id: string): string {
  return `docs/rules/${id}.md`
}

function findingOf({ id, severity }: Rule, { place, text, hint }: Found, lineText: string): Finding {
  return { code: id, id, severity, text, ...place, lineText, ...(hint && { hint }), page: pageOf(id) }
}

/** A place is found once by each rule, whichever path came by. */
function distinct(found: Iterable<Found>): Found[] {
  const first = new Map<string, Found>()
  for (const each of found) {
    const key = placeKey(each.place)
    if (!first.has(key)) first.set(key, each)
  }
  return [...first.values()]
}
