/** Functions of the project as the model has them, each read once. */
import { ts } from 'ts-morph'
import { METHOD, type Expression, type Fact, type Routine, type Statement } from '../model.ts'
import type { Actions } from './actions.ts'
import type { Dsl } from './dsl.ts'
import { createExpressions, type Reading } from './expressions.ts'
import { createFacts, isVariable, REQUEST } from './facts.ts'
import type { FunctionNode } from './functions.ts'
import { placeOf } from './places.ts'
import { createStatements } from './statements.ts'

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
  const { ofBody } = createStatements(reading, createExpressions(reading))
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
    const body = ofBody(node.body)
    const facts = asking
    told.set(id, facts)
    asking = before
    const routine: Routine = {
      id,
      name: node.name?.getText() ?? 'function',
      place: placeOf(node.name ?? node),
      parameters: node.parameters.map(({ name }) => (ts.isIdentifier(name) ? variable(name) : undefined)),
      variables: variablesIn(node),
      body,
      matters: holds(body, (each) => touches(each)),
      tells:
        body.length === 1 &&
        body[0]?.is === 'return' &&
        facts.length > 0 &&
        facts.every((fact) => fact.startsWith(REQUEST)),
    }
    all.set(id, routine)
    holds(body, (each) => (keepResult(each), false))
    return routine
  }

  function touches(each: Expression | Statement): boolean {
    if (each.is === 'call') return all.get(each.to)?.matters ?? false
    return ['act', 'auth', 'replace', 'escape'].includes(each.is)
  }

  function keepResult(each: Expression | Statement): void {
    if (each.is !== 'declare' && each.is !== 'assign') return
    const returned = (part: Expression | Statement) => part.is === 'auth' || (part.is === 'call' && touches(part))
    if (each.fact !== undefined && each.value && holds(each.value, returned)) results.add(each.fact)
  }

  function variable(name: ts.Node): Fact | undefined {
    const fact = facts.ofName(name)
    return fact !== undefined && isVariable(fact) ? fact : undefined
  }

  function variablesIn(node: ts.Node): Fact[] {
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
}

/** Whether it, or anything within it, is such a one. */
function holds(within: object, isSuch: (each: Expression | Statement) => boolean): boolean {
  if ('is' in within && isSuch(within as Expression | Statement)) return true
  return Object.values(within).some(
    (part) => typeof part === 'object' && part !== null && holds(part as object, isSuch),
  )
}
