import { registrars, type Model } from '../model.ts'
import { armings, namedRoutes, openKinds } from './route-names.ts'
import type { Rule } from './rule.ts'

export const unreachedRoute: Rule = {
  id: 'unreached-route',
  severity: 'warning',
  reason: 'what arms it never runs itself',
  *find({ model }) {
    if (openKinds(model).size > 0) return
    const reached = reachedUnits(model)
    const armed = armings(model)
    for (const { kind, name, place, unit } of namedRoutes(model)) {
      const isArmed = armed.some((arming) => arming.kind === kind && arming.names.includes(name))
      if (reached.has(unit) || !isArmed) continue
      const option = registrars[kind]
      yield { place, text: `no request reaches ${option} '${name}': what arms it is not reached itself` }
    }
  },
}

/** From the handlers that run by themselves, through functions and the routes that they arm. */
export function reachedUnits(model: Model): Set<number> {
  const named = namedRoutes(model)
  const begins = model.handlers.filter((handler) => !named.some((route) => route.unit === handler.unit))
  const pending = [...begins.map(({ unit }) => unit), ...model.atTop]
  const reached = new Set<number>()
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const unit = model.units.get(id)
    if (unit === undefined || reached.has(id)) continue
    reached.add(id)
    const arms = unit.actions.flatMap((action) => action.arms)
    const routes = named.filter(({ kind, name }) =>
      arms.some((arming) => arming.kind === kind && arming.names.includes(name)),
    )
    pending.push(...unit.names, ...routes.map((route) => route.unit))
  }
  return reached
}
