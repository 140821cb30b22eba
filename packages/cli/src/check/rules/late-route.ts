import type { Model } from '../model.ts'
import { titleOf } from './route-names.ts'
import type { Rule } from './rule.ts'

export const lateRoute: Rule = {
  id: 'late-route',
  severity: 'error',
  reason: 'handlers are registered while the routes are loaded; later it throws',
  *find({ model }) {
    const loading = reachedFrom(model, model.atLoad)
    const running = reachedFrom(
      model,
      model.handlers.map(({ unit }) => unit),
    )
    for (const handler of model.handlers) {
      const { place, within, deferred } = handler
      const isLate = within !== undefined && running.has(within) && !loading.has(within)
      if (!deferred && !isLate) continue
      const when = isLate ? 'when a handler runs' : 'when a timer or a promise calls back'
      const hint = 'register it at the top level; handlers are registered while the routes are loaded'
      yield { place, text: `${titleOf(handler)} is registered ${when}, which throws`, hint }
    }
  },
}

/** Through the functions that they name. */
function reachedFrom({ units }: Model, begins: Iterable<number>): Set<number> {
  const reached = new Set(begins)
  for (const id of reached) for (const name of units.get(id)?.names ?? []) reached.add(name)
  return reached
}
