/**
 * Walks every path of a handler and tells what happens on it. Paths that have come to the same state go on as one, so loops end. A
 * function of the project is walked where it is called, with what is known there; what it returns decides which way its caller goes.
 */
import type { Action, FunctionId, Model, Place, Routine, Statement } from '../model.ts'
import { createEvaluator } from './evaluate.ts'
import { blurred, decided, forgotten, keyOf, learned, start, type Path } from './path.ts'
import { equal, UNDEFINED, UNKNOWN } from './values.ts'

export type FlowEvent = { path: Path } & (
  | { type: 'act'; action: Action }
  | { type: 'replace'; place: Place }
  /** The handler returns, at this statement or at its end. */
  | { type: 'end'; place: Place | undefined }
)

/** How a statement, or a function, comes to an end. */
export interface Completion {
  type: 'normal' | 'return' | 'throw' | 'break' | 'continue'
  path: Path
  label?: string | undefined
  value?: string
  place?: Place
}

/** More paths than this are not followed: then nothing is said of the handler. */
const MANY = 3_000
/** Calls within calls. */
const DEEP = 12

class TooMany extends Error {}

/** Undefined when there are too many paths. */
export function walk(routine: Routine, model: Model): FlowEvent[] | undefined {
  try {
    return walkAll(routine, model)
  } catch (error) {
    if (error instanceof TooMany) return undefined
    throw error
  }
}

/** What a try statement around a call gets to see when it throws. */
export type Catcher = Path[]

export interface Walker {
  readonly model: Model
  readonly events: FlowEvent[]
  /** The innermost try statement's, if there is one. */
  catchers: Catcher[]
  /** Completions by a throw within an expression. */
  thrown: Completion[]
  call: (to: FunctionId, path: Path, values: readonly string[]) => Completion[]
}

function walkAll(routine: Routine, model: Model): FlowEvent[] {
  let steps = 0
  const running: FunctionId[] = [routine.id]
  const walker: Walker = { model, events: [], catchers: [], thrown: [], call }
  const { evaluate, decide } = createEvaluator(walker)

  function call(to: FunctionId, path: Path, values: readonly string[]): Completion[] {
    const routine = model.routines.get(to)
    if (!routine?.matters && !routine?.tells) return [{ type: 'normal', path, value: UNKNOWN }]
    if (running.includes(to) || running.length > DEEP) return [{ type: 'normal', path: blurred(path), value: UNKNOWN }]
    running.push(to)
    const entered = routine.parameters.reduce(
      (at, parameter, index) => (parameter === undefined ? at : learned(at, parameter, values[index] ?? UNKNOWN)),
      forgotten(path, routine.variables),
    )
    const completions = block(routine.body, entered).map((completion) => ({
      ...completion,
      path: forgotten(completion.path, routine.variables),
    }))
    running.pop()
    return completions.map((completion) =>
      completion.type === 'normal' ? { ...completion, value: UNDEFINED } : completion,
    )
  }

  function block(statements: readonly Statement[], from: Path): Completion[] {
    const left: Completion[] = []
    let paths = [from]
    for (const statement of statements) {
      const after = paths.flatMap((path) => run(statement, path))
      left.push(...after.filter(({ type }) => type !== 'normal'))
      paths = distinct(after.filter(({ type }) => type === 'normal').map(({ path }) => path))
    }
    return [...distinctCompletions(left), ...paths.map((path): Completion => ({ type: 'normal', path }))]
  }

  function run(statement: Statement, path: Path): Completion[] {
    if (++steps > MANY) throw new TooMany()
    const before = walker.thrown.length
    const completions = perform(statement, path)
    return [...completions, ...walker.thrown.splice(before)]
  }

  function perform(statement: Statement, path: Path): Completion[] {
    switch (statement.is) {
      case 'evaluate':
        return normal(evaluate(statement.expression, path).map((outcome) => outcome.path))
      case 'declare':
        if (statement.value === undefined) return normal([learned(path, statement.fact, UNKNOWN)])
        return normal(
          evaluate(statement.value, path).map((outcome) => learned(outcome.path, statement.fact, outcome.value)),
        )
      case 'if':
        return decide(statement.test, path).flatMap(({ path: at, truth }) =>
          block(truth ? statement.then : statement.else, decided(at, statement.place, truth)),
        )
      case 'switch':
        return choose(statement, path)
      case 'loop':
        return loop(statement.loop, path)
      case 'try':
        return attempt(statement, path)
      case 'return':
        return giveBack(statement, path)
      case 'throw':
        return evaluate(statement.value, path).map((outcome) => ({ type: 'throw', path: outcome.path }))
      case 'break':
      case 'continue':
        return [{ type: statement.is, path, label: statement.label }]
      case 'block':
        return block(statement.body, path).map((completion) => afterLabel(completion, statement.label))
    }
  }

  function giveBack({ value, place }: Extract<Statement, { is: 'return' }>, path: Path): Completion[] {
    if (value === undefined) return [{ type: 'return', path, value: UNDEFINED, place }]
    return evaluate(value, path).map((outcome) => ({ type: 'return', path: outcome.path, value: outcome.value, place }))
  }

  /** Cases are tried in order; a body falls into the next one. */
  function choose({ subject, cases, exhaustive, place, label }: Extract<Statement, { is: 'switch' }>, from: Path) {
    const done: Completion[] = []
    const enter = (index: number, path: Path) =>
      done.push(
        ...block(
          cases.slice(index).flatMap(({ body }) => body),
          path,
        ),
      )
    for (const outcome of evaluate(subject, from)) {
      const value = subject.is === 'literal' ? UNKNOWN : outcome.value
      let paths: Path[] = [outcome.path]
      for (const [index, { test, place: at }] of cases.entries()) {
        if (test === undefined) continue
        const next: Path[] = []
        for (const { path, truth } of paths.flatMap((each) => decideCase(test, each, value)))
          if (truth) enter(index, decided(path, at, true))
          else next.push(path)
        paths = distinct(next)
      }
      const otherwise = cases.findIndex(({ test }) => test === undefined)
      if (otherwise >= 0) for (const path of paths) enter(otherwise, decided(path, cases[otherwise]!.place, true))
      else if (!exhaustive) done.push(...normal(paths.map((path) => decided(path, place, false))))
    }
    return distinctCompletions(done.map((completion) => afterBreak(completion, label)))
  }

  /** A test of a case is a comparison with the subject; what the subject is known to be may answer it. */
  function decideCase(test: Parameters<typeof decide>[0], path: Path, subject: string) {
    const known = test.is === 'compare' ? equal(subject, test.right, false) : undefined
    return known === undefined ? decide(test, path) : [{ path, truth: known }]
  }

  function loop(
    { test, body, update, bodyFirst, place, label }: Extract<Statement, { is: 'loop' }>['loop'],
    from: Path,
  ) {
    const left: Completion[] = []
    const seen = new Set<string>()
    let entering = bodyFirst ? [from] : turns([from])
    while (entering.length > 0) {
      const after = entering.flatMap((path) => block(body, path))
      const again: Path[] = []
      for (const completion of after) {
        const mine = completion.label === undefined || completion.label === label
        if (completion.type === 'normal' || (completion.type === 'continue' && mine)) again.push(completion.path)
        else left.push(afterBreak(completion, label))
      }
      const updated = update ? again.flatMap((path) => evaluate(update, path).map((outcome) => outcome.path)) : again
      entering = turns(updated.filter((path) => isNew(path, seen)))
    }
    return distinctCompletions(left)

    /** Those that go round once more; the others are done. */
    function turns(paths: readonly Path[]): Path[] {
      return paths.flatMap((path) =>
        (test ? decide(test, path) : [true, false].map((truth) => ({ path, truth }))).flatMap(({ path: at, truth }) => {
          const next = decided(at, place, truth)
          if (!truth) left.push({ type: 'normal', path: next })
          return truth ? [next] : []
        }),
      )
    }
  }

  function attempt(statement: Extract<Statement, { is: 'try' }>, from: Path): Completion[] {
    const catcher: Catcher = []
    if (statement.catch) walker.catchers.push(catcher)
    let completions = block(statement.body, from)
    if (statement.catch) {
      walker.catchers.pop()
      const { body, place } = statement.catch
      const thrown = completions.filter(({ type }) => type === 'throw').map(({ path }) => path)
      // Some may be thrown after an action and some before: what was caught tells which, in ways that are not followed.
      const all = [...catcher, ...thrown]
      const caught = all.some(({ state }) => state.acted !== undefined) ? all.map(blurred) : all
      completions = [
        ...completions.filter(({ type }) => type !== 'throw'),
        ...distinct(caught).flatMap((path) => block(body, decided(path, place, 'caught'))),
      ]
    }
    if (statement.finally.length === 0) return completions
    return completions.flatMap((completion) =>
      block(statement.finally, completion.path).map((last) =>
        last.type === 'normal' ? { ...completion, path: last.path } : last,
      ),
    )
  }

  for (const { type, path, place } of block(routine.body, start))
    if (type !== 'throw') walker.events.push({ type: 'end', path, place: type === 'return' ? place : undefined })
  return walker.events
}

function normal(paths: readonly Path[]): Completion[] {
  return distinct(paths).map((path) => ({ type: 'normal', path }))
}

function afterBreak(completion: Completion, label: string | undefined): Completion {
  const mine = completion.label === undefined || completion.label === label
  return completion.type === 'break' && mine ? { type: 'normal', path: completion.path } : completion
}

function afterLabel(completion: Completion, label: string | undefined): Completion {
  const mine = completion.label !== undefined && completion.label === label
  return completion.type === 'break' && mine ? { type: 'normal', path: completion.path } : completion
}

function isNew(path: Path, seen: Set<string>): boolean {
  const key = keyOf(path.state)
  return seen.size !== seen.add(key).size
}

export function distinct(paths: readonly Path[]): Path[] {
  const seen = new Set<string>()
  return paths.filter((path) => isNew(path, seen))
}

function distinctCompletions(completions: readonly Completion[]): Completion[] {
  const seen = new Set<string>()
  return completions.filter(({ type, label, value, place, path }) => {
    const key = [type, label, value, place?.line, place?.column, keyOf(path.state)].join('\n')
    return seen.size !== seen.add(key).size
  })
}
