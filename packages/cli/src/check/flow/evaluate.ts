/** What an expression does on a path, and what it comes to. */
import type { Action, Expression, Fact } from '../model.ts'
import { blurred, changed, decided, keyOf, learned, partsOf, refined, type Path, type State } from './path.ts'
import { equal, FALSE, isNullish, TRUE, truthOf, UNDEFINED, UNKNOWN } from './values.ts'
import type { Walker } from './walk.ts'

export interface Outcome {
  path: Path
  value: string
}

export interface Decided {
  path: Path
  truth: boolean
}

export interface Evaluator {
  evaluate: (expression: Expression, path: Path) => Outcome[]
  /** Both ways where it cannot be known. */
  decide: (expression: Expression, path: Path) => Decided[]
}

export function createEvaluator(walker: Walker): Evaluator {
  return { evaluate, decide }

  function evaluate(expression: Expression, path: Path): Outcome[] {
    switch (expression.is) {
      case 'and':
      case 'or':
        return decide(expression.left, path).flatMap(({ path: at, truth }) => {
          if (truth === (expression.is === 'and')) return evaluate(expression.right, at)
          return [{ path: at, value: truth ? '+' : '-' }]
        })
      case 'coalesce':
        return evaluate(expression.left, path).flatMap((left) => coalesce(left, expression.right))
      case 'not':
      case 'compare':
      case 'canceled':
        return decide(expression, path).map(({ path: at, truth }) => ({ path: at, value: truth ? TRUE : FALSE }))
      case 'choose':
        return decide(expression.test, path).flatMap(({ path: at, truth }) =>
          evaluate(truth ? expression.then : expression.else, decided(at, expression.place, truth)),
        )
      case 'assign':
        return evaluate(expression.value, path).map(({ path: at, value }) => {
          const known = expression.fact === undefined ? at : learned(at, expression.fact, value)
          return { path: expression.retargets ? changed(known, { auth: undefined }) : known, value }
        })
      case 'literal':
        return [{ path, value: expression.value }]
      default:
        return inOrder(partsOf(expression), path).flatMap(({ path: at, values }) => perform(expression, at, values))
    }
  }

  function coalesce(left: Outcome, right: Expression): Outcome[] {
    const exact = left.value.startsWith('=')
    if (exact && isNullish(left.value)) return evaluate(right, left.path)
    if (exact || left.value === '+') return [left]
    return [left, ...evaluate(right, left.path)]
  }

  function inOrder(parts: readonly Expression[], path: Path): { path: Path; values: string[] }[] {
    let rows = [{ path, values: [] as string[] }]
    for (const part of parts)
      rows = rows.flatMap((row) =>
        evaluate(part, row.path).map((outcome) => ({ path: outcome.path, values: [...row.values, outcome.value] })),
      )
    return rows
  }

  /** Its parts have been evaluated. */
  function perform(expression: Expression, path: Path, values: readonly string[]): Outcome[] {
    if (expression.is === 'read') return [{ path, value: path.state.facts.get(expression.fact) ?? UNKNOWN }]
    // Whatever is called may throw before it has done anything.
    if (!isQuiet(expression)) for (const catcher of walker.catchers.slice(-1)) catcher.push(path)
    switch (expression.is) {
      case 'act':
        return [{ path: act(expression.action, path), value: UNDEFINED }]
      case 'auth':
        return authenticate(expression.result, path)
      case 'replace':
        walker.events.push({ type: 'replace', place: expression.place, path })
        return [{ path: changed(path, { replaced: true }), value: UNDEFINED }]
      case 'retarget':
        return [{ path: changed(path, { auth: undefined }), value: UNKNOWN }]
      case 'escape':
        return [{ path: blurred(path), value: UNKNOWN }]
      case 'never':
        walker.thrown.push({ type: 'throw', path })
        return []
      case 'call':
        return call(expression, path, values)
      default:
        return [{ path, value: UNKNOWN }]
    }
  }

  function act(action: Action, path: Path): Path {
    walker.events.push({ type: 'act', action, path })
    if (action.final === false) return path
    const { acted, relayed } = path.state
    const sends = action.name === 'relay' || action.name === 'fork'
    return changed(path, {
      acted: action.final === undefined ? (acted ?? 'perhaps') : typeof acted === 'object' ? acted : action,
      relayed: sends ? (relayed ?? action) : relayed,
    })
  }

  function authenticate(result: 'seen' | 'ignored' | 'elsewhere', path: Path): Outcome[] {
    if (result === 'ignored') return [{ path: changed(path, { auth: 'ignored' }), value: UNKNOWN }]
    const answered = { path: changed(path, { auth: undefined }), value: TRUE }
    if (result === 'elsewhere') return [{ ...answered, value: UNKNOWN }]
    return [answered, { path: changed(path, { auth: 'failed' }), value: FALSE }]
  }

  function call(expression: Extract<Expression, { is: 'call' }>, path: Path, values: readonly string[]): Outcome[] {
    const outcomes: Outcome[] = []
    for (const completion of walker.call(expression.to, path, values))
      if (completion.type === 'throw') walker.thrown.push(completion)
      else outcomes.push({ path: completion.path, value: completion.value ?? UNKNOWN })
    const distinct = unique(outcomes)
    if (expression.detached) return distinct.map(({ path: at }) => ({ path: since(path, at), value: '+' }))
    return expression.used ? distinct.map((outcome) => withDoubt(outcome, distinct)) : distinct
  }

  function decide(expression: Expression, path: Path): Decided[] {
    switch (expression.is) {
      case 'not':
        return decide(expression.of, path).map(({ path: at, truth }) => ({ path: at, truth: !truth }))
      case 'and':
      case 'or':
        return decide(expression.left, path).flatMap((left) =>
          left.truth === (expression.is === 'and') ? decide(expression.right, left.path) : [left],
        )
      case 'choose':
        return decide(expression.test, path).flatMap(({ path: at, truth }) =>
          decide(truth ? expression.then : expression.else, decided(at, expression.place, truth)),
        )
      case 'canceled':
        // Once the caller has cancelled, the core has answered.
        return [
          { path: blurred(path), truth: true },
          { path, truth: false },
        ]
      case 'compare':
        return evaluate(expression.left, path).flatMap((left) => compare(expression, left))
      default:
        return evaluate(expression, path).flatMap((outcome) => split(expression, outcome))
    }
  }

  function compare({ left, right, loose, fact }: Extract<Expression, { is: 'compare' }>, outcome: Outcome): Decided[] {
    const { path, value } = outcome
    const known = equal(value, right, loose) ?? truthOf(path.state.facts.get(fact) ?? UNKNOWN)
    if (known !== undefined) return [{ path, truth: known }]
    const same = left.is === 'read' && !loose ? refine(path, left.fact, right) : path
    return [
      { path: refine(same, fact, TRUE), truth: true },
      { path: refine(path, fact, FALSE), truth: false },
    ]
  }

  function split(expression: Expression, { path, value }: Outcome): Decided[] {
    const known = truthOf(value)
    if (known !== undefined) return [{ path, truth: known }]
    if (expression.is === 'read')
      return [
        { path: refine(path, expression.fact, '+'), truth: true },
        { path: refine(path, expression.fact, '-'), truth: false },
      ]
    const open = leans(expression, walker.model.results) ? blurred(path) : path
    return [
      { path: open, truth: true },
      { path: open, truth: false },
    ]
  }

  /** What nobody else asks is not worth a path of its own. */
  function refine(path: Path, fact: string, value: string): Path {
    return walker.model.asked.has(fact) ? refined(path, fact, value) : path
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
