import { nearest } from '@signalbox/core/build'
import { registrars, type Arming, type Model } from '../model.ts'
import { armings, namedRoutes } from './route-names.ts'
import type { Rule } from './rule.ts'

export const unknownRoute: Rule = {
  id: 'unknown-route',
  severity: 'error',
  reason: 'a name that no route has refuses the bundle, or fails the call',
  *find({ model }) {
    if (model.handlers.some(({ name }) => name === undefined)) return
    for (const arming of armings(model)) {
      const unknown = unknownName(arming, model)
      if (unknown === undefined) continue
      yield { place: arming.place, text: textOn(unknown, arming), hint: adviceOn(unknown, arming, model) }
    }
  },
}

export function unknownName({ kind, names }: Arming, model: Model): string | undefined {
  const known = namedRoutes(model).filter((route) => route.kind === kind)
  return names.find((name) => !known.some((route) => route.name === name))
}

export function textOn(name: string, { kind }: Pick<Arming, 'kind'>): string {
  return `no ${registrars[kind]} is named '${name}'`
}

/** What the name may have been meant to be. */
export function adviceOn(name: string, { kind }: Pick<Arming, 'kind'>, model: Model): string {
  const routes = namedRoutes(model)
  const other = routes.find((route) => route.name === name)
  if (other) return `there is ${registrars[other.kind]}('${name}'): arm it as ${registrars[other.kind]}`
  const known = routes.filter((route) => route.kind === kind).map((route) => route.name)
  const meant = nearest(name, known)
  if (meant !== undefined) return `did you mean '${meant}'?`
  const list = known.length === 0 ? '' : `; there is ${known.map((each) => `'${each}'`).join(', ')}`
  return `register ${registrars[kind]}('${name}', …)${list}`
}
