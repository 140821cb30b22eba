/** A path through a handler: what has happened on it, and what is known. */
import type { Action, Expression, Fact, Place, Value } from '../model.ts'
import { UNKNOWN } from './values.ts'

export interface State {
  /** The final action that was taken; `perhaps` when that cannot be known. */
  readonly acted: Action | 'perhaps' | undefined
  /** Whether a relay or fork has left for certain. */
  readonly relayed: Action | undefined
  readonly replaced: boolean
  /** What the last `uac.auth()` came to: nobody looked, or it returned false. */
  readonly auth: 'ignored' | 'failed' | undefined
  readonly facts: ReadonlyMap<Fact, Value>
}

/** A condition, and how it went; or something that was thrown and caught. */
export interface Decision {
  place: Place
  truth: boolean | 'caught'
}

export interface Path {
  readonly state: State
  /** One way to get here; others to the same state are forgotten. */
  readonly trail: readonly Decision[]
}

export const start: Path = {
  state: { acted: undefined, relayed: undefined, replaced: false, auth: undefined, facts: new Map() },
  trail: [],
}

export function changed(path: Path, change: Partial<State>): Path {
  return { ...path, state: { ...path.state, ...change } }
}

export function decided(path: Path, place: Place, truth: Decision['truth']): Path {
  return { ...path, trail: [...path.trail, { place, truth }] }
}

/** Forgets what was known of it when the value is unknown, and of whatever is told by it. */
export function learned(path: Path, fact: Fact, value: Value): Path {
  const facts = new Map([...path.state.facts].filter(([known]) => known !== fact && !known.includes(fact)))
  if (value !== UNKNOWN) facts.set(fact, value)
  return changed(path, { facts })
}

/** Adds to what is known, and forgets nothing. */
export function refined(path: Path, fact: Fact, value: Value): Path {
  return changed(path, { facts: new Map(path.state.facts).set(fact, value) })
}

export function forgotten(path: Path, facts: readonly Fact[]): Path {
  const kept = [...path.state.facts].filter(([known]) => !facts.some((fact) => known.includes(fact)))
  return kept.length === path.state.facts.size ? path : changed(path, { facts: new Map(kept) })
}

/** From here on nobody knows whether it has acted. */
export function blurred(path: Path): Path {
  return changed(path, { acted: 'perhaps', auth: undefined, relayed: undefined })
}

/** Paths of the same state are one. */
export function keyOf({ acted, relayed, replaced, auth, facts }: State): string {
  const actedAt = typeof acted === 'object' ? placeKey(acted.place) : (acted ?? '')
  const known = [...facts].map(([fact, value]) => `${fact}${value}`).sort()
  return [actedAt, relayed ? placeKey(relayed.place) : '', replaced, auth ?? '', ...known].join('\n')
}

export function placeKey({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`
}

/** The expressions in it that run whenever it does, first to last. */
export function partsOf(expression: Expression): readonly Expression[] {
  return 'parts' in expression ? expression.parts : []
}
