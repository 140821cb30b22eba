/** What an expression does on a path, and what it comes to. */
import type { Action, Expression, Fact } from '../model.ts'
import { blurred, changed, decided, keyOf, learned, partsOf, refined, type Path, type State } from './path.ts'
import { equal, FALSE, isNullish, TRUE, truthOf, UNDEFINED, UNKNOWN } from './values.ts'
import type { Walker } from './walker.ts'

export interface Outcome {
  path: Path
  value: string
}

export interface Decided {
  path: Path
  truth: boolean
}

export class Evaluator {
  readonly #walker: Walker

  constructor(walker: Walker) {
    this.#walker = walker
  }

  evaluate(expression: Expression, path: Path): Outcome[] {
    switch (expression.is) {
      case 'and':
      case 'or':
        return this.decide(expression.left, path).flatMap(({ path: at, truth }) => {
          if (truth === (expression.is === 'and')) return this.evaluate(expression.right, at)
          return [{ path: at, value: truth ? '+' : '-' }]
        })
      case 'coalesce':
        return this.evaluate(expression.left, path).flatMap((left) => this.coalesce(left, expression.right))
      case 'comma':
        return this.evaluate(expression.left, path).flatMap((left) => this.evaluate(expression.right, left.path))
      case 'not':
      case 'compare':
      case 'canceled':
        return this.decide(expression, path).map(({ path: at, truth }) => ({ path: at, value: truth ? TRUE : FALSE }))
      case 'choose':
        return this.decide(expression.test, path).flatMap(({ path: at, truth }) =>
          this.evaluate(truth ? expression.ifTrue : expression.ifFalse, decided(at, expression.place, truth)),
        )
      case 'assign':
        return this.evaluate(expression.value, path).map(({ path: at, value }) => {
          const known = expression.fact === undefined ? at : learned(at, expression.fact, value)
          return { path: expression.retargets ? changed(known, { auth: undefined }) : known, value }
        })
      case 'literal':
        return [{ path, value: expression.value }]
      case 'opaque':
      case 'read':
      case 'act':
      case 'auth':
      case 'replace':
      case 'retarget':
      case 'call':
      case 'escape':
      case 'never':
        return this.inOrder(partsOf(expression), path).flatMap(({ path: at, values }) =>
          this.perform(expression, at, values),
        )
    }
  }

  coalesce(left: Outcome, right: Expression): Outcome[] {
    const exact = left.value.startsWith('=')
    if (exact && isNullish(left.value)) return this.evaluate(right, left.path)
    if (exact || left.value === '+') return [left]
    return [left, ...this.evaluate(right, left.path)]
  }

  inOrder(parts: readonly Expression[], path: Path): { path: Path; values: string[] }[] {
    let rows = [{ path, values: [] as string[] }]
    for (const part of parts)
      rows = rows.flatMap((row) =>
        this.evaluate(part, row.path).map((outcome) => ({
          path: outcome.path,
          values: [...row.values, outcome.value],
        })),
      )
    return rows
  }

  /** Its parts have been evaluated. */
  perform(expression: Expression, path: Path, values: readonly string[]): Outcome[] {
    if (expression.is === 'read') return [{ path, value: path.state.facts.get(expression.fact) ?? UNKNOWN }]
    // Whatever is called may throw before it has done anything.
    if (!isQuiet(expression)) for (const catcher of this.#walker.catchers.slice(-1)) catcher.push(path)
    return this.take(expression, path, values)
  }

  take(expression: Expression, path: Path, values: readonly string[]): Outcome[] {
    const { is } = expression
    if (is === 'act') return [{ path: this.act(expression.action, path), value: UNDEFINED }]
    if (is === 'auth') return this.authenticate(expression.result, path)
    if (is === 'call') return this.call(expression, path, values)
    if (is === 'retarget') return [{ path: changed(path, { auth: undefined }), value: UNKNOWN }]
    if (is === 'escape') return [{ path: blurred(path), value: UNKNOWN }]
    if (is === 'replace') {
      this.#walker.events.push({ type: 'replace', place: expression.place, path })
      return [{ path: changed(path, { replaced: true }), value: UNDEFINED }]
    }
    if (is !== 'never') return [{ path, value: UNKNOWN }]
    this.#walker.thrown.push({ type: 'throw', path })
    return []
  }

  act(action: Action, path: Path): Path {
    this.#walker.events.push({ type: 'act', action, path })
    if (action.final === false) return path
    const { acted, relayed } = path.state
    const sends = action.name === 'relay' || action.name === 'fork'
    return changed(path, {
      acted: action.final === undefined ? (acted ?? 'perhaps') : typeof acted === 'object' ? acted : action,
      relayed: sends ? (relayed ?? action) : relayed,
    })
  }

  authenticate(result: 'seen' | 'ignored' | 'elsewhere', path: Path): Outcome[] {
    if (result === 'ignored') return [{ path: changed(path, { auth: 'ignored' }), value: UNKNOWN }]
    const answered = { path: changed(path, { auth: undefined }), value: TRUE }
    if (result === 'elsewhere') return [{ ...answered, value: UNKNOWN }]
    return [answered, { path: changed(path, { auth: 'failed' }), value: FALSE }]
  }

  call(expression: Extract<Expression, { is: 'call' }>, path: Path, values: readonly string[]): Outcome[] {
    const outcomes: Outcome[] = []
    for (const completion of this.#walker.call(expression.to, path, values))
      if (completion.type === 'throw') this.#walker.thrown.push(completion)
      else outcomes.push({ path: completion.path, value: completion.value ?? UNKNOWN })
    const distinct = unique(outcomes)
    if (expression.detached) return distinct.map(({ path: at }) => ({ path: since(path, at), value: '+' }))
    return expression.used ? distinct.map((outcome) => withDoubt(outcome, distinct)) : distinct
  }

  /** Both ways where it cannot be known. */
  decide(expression: Expression, path: Path): Decided[] {
    const { is } = expression
    if (is === 'not')
      return this.decide(expression.of, path).map(({ path: at, truth }) => ({ path: at, truth: !truth }))
    if (is === 'and' || is === 'or')
      return this.decide(expression.left, path).flatMap((left) =>
        left.truth === (is === 'and') ? this.decide(expression.right, left.path) : [left],
      )
    if (is === 'comma')
      return this.evaluate(expression.left, path).flatMap((left) => this.decide(expression.right, left.path))
    if (is === 'choose')
      return this.decide(expression.test, path).flatMap(({ path: at, truth }) =>
        this.decide(truth ? expression.ifTrue : expression.ifFalse, decided(at, expression.place, truth)),
      )
    // Once the caller has cancelled, the core has answered.
    if (is === 'canceled') return [true, false].map((truth) => ({ path: truth ? blurred(path) : path, truth }))
    const outcomes = this.evaluate(is === 'compare' ? expression.left : expression, path)
    return outcomes.flatMap((outcome) =>
      is === 'compare' ? this.compare(expression, outcome) : this.split(expression, outcome),
    )
  }

  compare({ left, right, loose, fact }: Extract<Expression, { is: 'compare' }>, outcome: Outcome): Decided[] {
    const { path, value } = outcome
    const known = equal(value, right, loose) ?? truthOf(path.state.facts.get(fact) ?? UNKNOWN)
    if (known !== undefined) return [{ path, truth: known }]
    const same = left.is === 'read' && !loose ? this.refine(path, left.fact, right) : path
    return [
      { path: this.refine(same, fact, TRUE), truth: true },
      { path: this.refine(path, fact, FALSE), truth: false },
    ]
  }

  split(expression: Expression, { path, value }: Outcome): Decided[] {
    const known = truthOf(value)
    if (known !== undefined) return [{ path, truth: known }]
    if (expression.is === 'read')
      return [
        { path: this.refine(path, expression.fact, '+'), truth: true },
        { path: this.refine(path, expression.fact, '-'), truth: false },
      ]
    const open = leans(expression, this.#walker.model.results) ? blurred(path) : path
    return [
      { path: open, truth: true },
      { path: open, truth: false },
    ]
  }

  /** What nobody else asks is not worth a path of its own. */
  refine(path: Path, fact: string, value: string): Path {
    return this.#walker.model.asked.has(fact) ? refined(path, fact, value) : path
  }
}

function isQuiet(expression: Expression): boolean {
  return expression.is === 'opaque' && expression.parts.length === 0
}

function unique(outcomes: readonly Outcome[]): Outcome[] {
  return [...new Map(outcomes.map((outcome) => [`${outcome.value}\n${keyOf(outcome.path.state)}`, outcome])).values()]
}

/** What a promise does that nobody awaits may be done or not. */
function since(before: Path, after: Path): Path {
  return actedOf(before.state) === actedOf(after.state) ? after : blurred(after)
}

/**
 * A function that has acted on one path and not on another tells which by what it returns. Where that is unknown, so is what has
 * happened.
 */
function withDoubt(outcome: Outcome, all: readonly Outcome[]): Outcome {
  if (outcome.value !== UNKNOWN) return outcome
  const differs = all.some(({ path }) => summary(path.state) !== summary(outcome.path.state))
  return differs ? { ...outcome, path: blurred(outcome.path) } : outcome
}

function actedOf({ acted }: State): string {
  return typeof acted === 'object' ? 'yes' : (acted ?? 'no')
}

function summary(state: State): string {
  return `${actedOf(state)} ${state.auth ?? ''}`
}

/** A condition of a kind that is not understood, on what a function returned: the two may hang together. */
function leans(expression: Expression, results: ReadonlySet<Fact>): boolean {
  if (expression.is === 'read' && results.has(expression.fact)) return true
  return partsOf(expression).some((part) => leans(part, results))
}
