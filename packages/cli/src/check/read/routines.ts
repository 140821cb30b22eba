/** Functions of the project as the model has them, each read once. */
import { ts } from 'ts-morph'
import { METHOD, type Expression, type Fact, type Routine, type Statement } from '../model.ts'
import type { Actions } from './actions.ts'
import type { Dsl } from './dsl.ts'
import { Expressions, type Reading } from './expressions.ts'
import { createFacts, isVariable, REQUEST } from './facts.ts'
import type { FunctionNode } from './functions.ts'
import { placeOf } from './places.ts'
import { Statements } from './statements.ts'

export interface Routines {
  of: (node: FunctionNode) => Routine
  readonly all: ReadonlyMap<number, Routine>
  readonly results: ReadonlySet<Fact>
  /** What more than one condition asks, and the method, which tells whether a request forms a dialog. */
  asked: () => ReadonlySet<Fact>
}

export function createRoutines(dsl: Dsl, actions: Actions): Routines {
  const ids = new Map<FunctionNode, number>()
  const all = new Map<number, Routine>()
  const begun = new Set<number>()
  const results = new Set<Fact>()
  const questions = new Map<Fact, number>()
  const facts = createFacts(dsl)
  const calls = new Map<number, number>()
  let asking: Fact[] = []
  const asks = (fact: Fact): void => {
    asking.push(fact)
    questions.set(fact, (questions.get(fact) ?? 0) + 1)
  }
  const told = new Map<number, readonly Fact[]>()
  const reading: Reading = { dsl, facts, actions, asks, routineOf }
  const expressions = new Expressions(reading)
  const statements = new Statements(reading, (node) => expressions.read(node))
  return { of, all, results, asked }

  function asked(): ReadonlySet<Fact> {
    const repeated = [...questions]
      .filter(([fact, times]) => times > 1 || fact.startsWith(METHOD))
      .map(([fact]) => fact)
    const inRepeated = [...told].flatMap(([id, facts]) => ((calls.get(id) ?? 0) > 1 ? facts : []))
    return new Set([...repeated, ...inRepeated])
  }

  /** One that is being read calls itself: what it does is known where it was called first. */
  function routineOf(node: FunctionNode): Pick<Routine, 'id' | 'matters' | 'tells'> {
    const id = idOf(node)
    calls.set(id, (calls.get(id) ?? 0) + 1)
    return begun.has(id) ? (all.get(id) ?? { id, matters: false, tells: false }) : of(node)
  }

  function idOf(node: FunctionNode): number {
    const id = ids.get(node) ?? ids.size + 1
    ids.set(node, id)
    return id
  }

  function of(node: FunctionNode): Routine {
    const id = idOf(node)
    const known = all.get(id)
    if (known) return known
    begun.add(id)
    const before = asking
    asking = []
    const body = statements.ofBody(node.body)
    const facts = asking
    told.set(id, facts)
    asking = before
    const routine: Routine = {
      id,
      name: node.name?.getText() ?? 'function',
      place: placeOf(node.name ?? node),
      parameters: node.parameters.map(({ name }) => (ts.isIdentifier(name) ? variable(name) : undefined)),
      variables: variablesIn(node, variable),
      body,
      matters: holds(body, (each) => touches(each, all)),
      tells:
        body.length === 1 &&
        body[0]?.is === 'return' &&
        facts.length > 0 &&
        facts.every((fact) => fact.startsWith(REQUEST)),
    }
    all.set(id, routine)
    for (const fact of resultsIn(body, all)) results.add(fact)
    return routine
  }

  function variable(name: ts.Node): Fact | undefined {
    const fact = facts.ofName(name)
    return fact !== undefined && isVariable(fact) ? fact : undefined
  }
}

function touches(each: Expression | Statement, all: Routines['all']): boolean {
  if (each.is === 'call') return all.get(each.to)?.matters ?? false
  return ['act', 'auth', 'replace', 'escape'].includes(each.is)
}

/** Variables that are given what `uac.auth`, or a function that matters, returned. */
function resultsIn(body: readonly Statement[], all: Routines['all']): Fact[] {
  const found: Fact[] = []
  const returned = (part: Expression | Statement) => part.is === 'auth' || (part.is === 'call' && touches(part, all))
  holds(body, (each) => {
    const given = each.is === 'declare' || each.is === 'assign' ? each : undefined
    if (given?.fact !== undefined && given.value && holds(given.value, returned)) found.push(given.fact)
    return false
  })
  return found
}

/** All that are declared within a function, in the functions within it too. */
function variablesIn(node: ts.Node, variable: (name: ts.Node) => Fact | undefined): Fact[] {
  const found: Fact[] = []
  const visit = (child: ts.Node): void => {
    const declares = ts.isParameter(child) || ts.isVariableDeclaration(child) || ts.isBindingElement(child)
    const fact = declares && ts.isIdentifier(child.name) ? variable(child.name) : undefined
    if (fact !== undefined) found.push(fact)
    ts.forEachChild(child, visit)
  }
  visit(node)
  return found
}

/** Whether it, or anything within it, is such a one. */
function holds(within: object, isSuch: (each: Expression | Statement) => boolean): boolean {
  if ('is' in within && isSuch(within as Expression | Statement)) return true
  return Object.values(within).some(
    (part) => typeof part === 'object' && part !== null && holds(part as object, isSuch),
  )
}
