/** One slip is one finding. */
import { nearest } from '@signalbox/core/build'
import type { ArmedKind, Model } from '../model.ts'
import { armings, namedRoutes } from './route-names.ts'

/** Whether a name that no route has was meant to be this one, or names it as another kind. */
export function misspelled(kind: ArmedKind, name: string, model: Model): boolean {
  const routes = namedRoutes(model)
  const known = routes.filter((route) => route.kind === kind).map((route) => route.name)
  return armings(model).some((arming) =>
    arming.names.some((each) => {
      if (routes.some((route) => route.kind === arming.kind && route.name === each)) return false
      return arming.kind === kind ? nearest(each, known) === name : each === name
    }),
  )
}
