/** What the rules about names ask of the routes. */
import { armedKinds, registrars, type ArmedKind, type Arming, type Handler, type Model } from '../model.ts'

export interface NamedRoute extends Handler {
  kind: ArmedKind
  name: string
}

/** `onFailure 'TRUNKAUTH'`. */
export function titleOf({ kind, name = '' }: Handler): string {
  return name === '' ? registrars[kind] : `${registrars[kind]} '${name}'`
}

export function armings(model: Model): Arming[] {
  return [...model.units.values()].flatMap(({ actions }) => actions.flatMap(({ arms }) => arms))
}

export function namedRoutes(model: Model): NamedRoute[] {
  return model.handlers.filter((handler) => isArmed(handler) && handler.name) as NamedRoute[]
}

/** Kinds whose names are computed, where routes are registered or where they are armed: nothing can be said of those. */
export function openKinds(model: Model): Set<ArmedKind> {
  const registered = model.handlers.filter((handler) => isArmed(handler) && handler.name === undefined)
  const armed = armings(model).filter(({ computed }) => computed)
  return new Set([...registered, ...armed].map(({ kind }) => kind as ArmedKind))
}

function isArmed({ kind }: Handler): boolean {
  return (armedKinds as readonly string[]).includes(kind)
}
