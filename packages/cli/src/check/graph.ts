/** What `signalbox routes` shows: which request reaches what. */
import path from 'node:path'
import { registrars, type Action, type Handler, type Model, type Place, type Unit } from './model.ts'
import { reachedUnits } from './rules/unreached-route.ts'

export interface Graph {
  routes: RouteNode[]
}

export interface RouteNode {
  /** What registers it: `onRequest`, `onFailure` … */
  registrar: string
  /** `''` without one; null when it is computed. */
  name: string | null
  /** Relative to the project. */
  at: string
  reached: boolean
  /** What stands in the handler itself. */
  actions: ActionNode[]
  /** Functions of the project that it comes to. */
  functions: FunctionNode[]
}

export interface FunctionNode {
  name: string
  at: string
  actions: ActionNode[]
}

export interface ActionNode {
  action: string
  /** `relay`, `fork`: where to, as written. `reply`: the status. */
  target?: string
  at: string
  arms: { option: string; names: string[]; computed: boolean }[]
}

export function readGraph(model: Model, root: string): Graph {
  const reached = reachedUnits(model)
  return { routes: model.handlers.map(routeNode) }

  function routeNode(handler: Handler): RouteNode {
    const unit = model.units.get(handler.unit)!
    const inner = [...below(unit, model)].filter(({ actions }) => actions.length > 0)
    return {
      registrar: unit.name.split(' ')[0]!,
      name: handler.name ?? null,
      at: spot(handler.place),
      reached: reached.has(unit.id),
      actions: unit.actions.map(actionNode),
      functions: inner.map(({ name, place, actions }) => ({ name, at: spot(place), actions: actions.map(actionNode) })),
    }
  }

  function actionNode({ name, target, status, place, arms }: Action): ActionNode {
    const to = target ?? status
    return {
      action: name,
      ...(to !== undefined && { target: to }),
      at: spot(place),
      arms: arms.map(({ kind, names, computed }) => ({ option: registrars[kind], names: [...names], computed })),
    }
  }

  function spot({ file, line }: Place): string {
    return `${path.relative(root, file).replaceAll(path.sep, '/')}:${line}`
  }
}

/** What a unit names, what that names, and so on. */
function below(unit: Unit, model: Model, found = new Set<Unit>()): Set<Unit> {
  for (const id of unit.names) {
    const named = model.units.get(id)
    if (named === undefined || found.has(named)) continue
    found.add(named)
    below(named, model, found)
  }
  return found
}
