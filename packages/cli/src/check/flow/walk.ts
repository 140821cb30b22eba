/**
 * Walks every path of a handler and tells what happens on it. Paths that have come to the same state go on as one, so loops end. A
 * function of the project is walked where it is called, with what is known there; what it returns decides which way its caller goes.
 */
import type { FunctionId, Loop, Model, Routine, Statement } from '../model.ts'
import { Evaluator } from './evaluate.ts'
import { blurred, decided, forgotten, keyOf, learned, start, type Path } from './path.ts'
import type { Catcher, Completion, FlowEvent, Walker } from './walker.ts'
import { equal, UNDEFINED, UNKNOWN } from './values.ts'

/** More paths than this are not followed: then nothing is said of the handler. */
const MANY = 3_000
/** Calls within calls. */
const DEEP = 12

class TooMany extends Error {}

/** Undefined when there are too many paths. */
export function walk(routine: Routine, model: Model): FlowEvent[] | undefined {
  try {
    return new Walk(model).from(routine)
  } catch (error) {
    if (error instanceof TooMany) return undefined
    throw error
  }
}

class Walk implements Walker {
  readonly model: Model
  readonly events: FlowEvent[] = []
  readonly catchers: Catcher[] = []
  readonly thrown: Completion[] = []
  readonly #running: FunctionId[] = []
  readonly #evaluator = new Evaluator(this)
  #steps = 0

  constructor(model: Model) {
    this.model = model
  }

  from(routine: Routine): FlowEvent[] {
    this.#running.push(routine.id)
    for (const { type, path, place } of this.block(routine.body, start))
      if (type !== 'throw') this.events.push({ type: 'end', path, place: type === 'return' ? place : undefined })
    return this.events
  }

  call(to: FunctionId, path: Path, values: readonly string[]): Completion[] {
    const routine = this.model.routines.get(to)
    if (!routine?.matters && !routine?.tells) return [{ type: 'normal', path, value: UNKNOWN }]
    if (this.#running.includes(to) || this.#running.length > DEEP)
      return [{ type: 'normal', path: blurred(path), value: UNKNOWN }]
    this.#running.push(to)
    const entered = routine.parameters.reduce(
      (at, parameter, index) => (parameter === undefined ? at : learned(at, parameter, values[index] ?? UNKNOWN)),
      forgotten(path, routine.variables),
    )
    const completions = this.block(routine.body, entered).map((completion) => ({
      ...completion,
      path: forgotten(completion.path, routine.variables),
    }))
    this.#running.pop()
    return completions.map((completion) =>
      completion.type === 'normal' ? { ...completion, value: UNDEFINED } : completion,
    )
  }

  block(statements: readonly Statement[], from: Path): Completion[] {
    const left: Completion[] = []
    let paths = [from]
    for (const statement of statements) {
      const after = paths.flatMap((path) => this.run(statement, path))
      left.push(...after.filter(({ type }) => type !== 'normal'))
      paths = distinct(after.filter(({ type }) => type === 'normal').map(({ path }) => path))
    }
    return [...distinctCompletions(left), ...paths.map((path): Completion => ({ type: 'normal', path }))]
  }

  run(statement: Statement, path: Path): Completion[] {
    if (++this.#steps > MANY) throw new TooMany()
    const before = this.thrown.length
    const completions = this.perform(statement, path)
    return [...completions, ...this.thrown.splice(before)]
  }

  perform(statement: Statement, path: Path): Completion[] {
    switch (statement.is) {
      case 'evaluate':
        return normal(this.#evaluator.evaluate(statement.expression, path).map((outcome) => outcome.path))
      case 'declare':
        if (statement.value === undefined) return normal([learned(path, statement.fact, UNKNOWN)])
        return normal(
          this.#evaluator
            .evaluate(statement.value, path)
            .map((outcome) => learned(outcome.path, statement.fact, outcome.value)),
        )
      case 'if':
        return this.#evaluator
          .decide(statement.test, path)
          .flatMap(({ path: at, truth }) =>
            this.block(truth ? statement.ifTrue : statement.ifFalse, decided(at, statement.place, truth)),
          )
      case 'switch':
        return this.choose(statement, path)
      case 'loop':
        return this.loop(statement.loop, path)
      case 'try':
        return this.attempt(statement, path)
      case 'return':
        return this.giveBack(statement, path)
      case 'throw':
        return this.#evaluator.evaluate(statement.value, path).map((outcome) => ({ type: 'throw', path: outcome.path }))
      case 'break':
      case 'continue':
        return [{ type: statement.is, path, label: statement.label }]
      case 'block':
        return this.block(statement.body, path).map((completion) => afterLabel(completion, statement.label))
    }
  }

  giveBack({ value, place }: Extract<Statement, { is: 'return' }>, path: Path): Completion[] {
    if (value === undefined) return [{ type: 'return', path, value: UNDEFINED, place }]
    return this.#evaluator
      .evaluate(value, path)
      .map((outcome) => ({ type: 'return', path: outcome.path, value: outcome.value, place }))
  }

  /** Cases are tried in order; a body falls into the next one. */
  choose({ subject, cases, exhaustive, place, label }: Extract<Statement, { is: 'switch' }>, from: Path) {
    const done: Completion[] = []
    const enter = (index: number, path: Path) =>
      done.push(
        ...this.block(
          cases.slice(index).flatMap(({ body }) => body),
          path,
        ),
      )
    for (const outcome of this.#evaluator.evaluate(subject, from)) {
      const value = subject.is === 'literal' ? UNKNOWN : outcome.value
      let paths: Path[] = [outcome.path]
      for (const [index, { test, place: at }] of cases.entries()) {
        if (test === undefined) continue
        const next: Path[] = []
        for (const { path, truth } of paths.flatMap((each) => this.decideCase(test, each, value)))
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
  decideCase(test: Parameters<Evaluator['decide']>[0], path: Path, subject: string) {
    const known = test.is === 'compare' ? equal(subject, test.right, false) : undefined
    return known === undefined ? this.#evaluator.decide(test, path) : [{ path, truth: known }]
  }

  loop(loop: Loop, from: Path): Completion[] {
    const { body, update, bodyFirst, label } = loop
    const left: Completion[] = []
    const seen = new Set<string>()
    let entering = bodyFirst ? [from] : this.turns(loop, [from], left)
    while (entering.length > 0) {
      const after = entering.flatMap((path) => this.block(body, path))
      const again: Path[] = []
      for (const completion of after) {
        const mine = completion.label === undefined || completion.label === label
        if (completion.type === 'normal' || (completion.type === 'continue' && mine)) again.push(completion.path)
        else left.push(afterBreak(completion, label))
      }
      const updated = update
        ? again.flatMap((path) => this.#evaluator.evaluate(update, path).map((outcome) => outcome.path))
        : again
      entering = this.turns(
        loop,
        updated.filter((path) => isNew(path, seen)),
        left,
      )
    }
    return distinctCompletions(left)
  }

  /** Those that go round once more; the others are done. */
  turns({ test, place }: Loop, paths: readonly Path[], left: Completion[]): Path[] {
    return paths.flatMap((path) => {
      const ways = test ? this.#evaluator.decide(test, path) : [true, false].map((truth) => ({ path, truth }))
      return ways.flatMap(({ path: at, truth }) => {
        const next = decided(at, place, truth)
        if (!truth) left.push({ type: 'normal', path: next })
        return truth ? [next] : []
      })
    })
  }

  attempt(statement: Extract<Statement, { is: 'try' }>, from: Path): Completion[] {
    const catcher: Catcher = []
    if (statement.catch) this.catchers.push(catcher)
    let completions = this.block(statement.body, from)
    if (statement.catch) {
      this.catchers.pop()
      const { body, place } = statement.catch
      const thrown = completions.filter(({ type }) => type === 'throw').map(({ path }) => path)
      // Some may be thrown after an action and some before: what was caught tells which, in ways that are not followed.
      const all = [...catcher, ...thrown]
      const caught = all.some(({ state }) => state.acted !== undefined) ? all.map(blurred) : all
      completions = [
        ...completions.filter(({ type }) => type !== 'throw'),
        ...distinct(caught).flatMap((path) => this.block(body, decided(path, place, 'caught'))),
      ]
    }
    if (statement.finally.length === 0) return completions
    return completions.flatMap((completion) =>
      this.block(statement.finally, completion.path).map((last) =>
        last.type === 'normal' ? { ...completion, path: last.path } : last,
      ),
    )
  }
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
