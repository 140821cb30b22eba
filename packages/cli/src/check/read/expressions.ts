/** Expressions of the routes as the model has them. */
import { ts } from 'ts-morph'
import type { Expression, Fact, Routine } from '../model.ts'
import type { Actions } from './actions.ts'
import type { Dsl } from './dsl.ts'
import type { Facts } from './facts.ts'
import { resolveFunction, type FunctionNode } from './functions.ts'
import { placeOf } from './places.ts'
import { comparisons, useOf } from './uses.ts'
import { bare, isAssignment } from './syntax.ts'

export interface Reading {
  dsl: Dsl
  facts: Facts
  actions: Actions
  /** Told of each fact that is asked for. */
  asks: (fact: Fact) => void
  routineOf: (node: FunctionNode) => Pick<Routine, 'id' | 'matters' | 'tells'>
}

export type ReadExpression = (node: ts.Expression) => Expression

const nothing: Expression = { is: 'opaque', parts: [] }

export function createExpressions({ dsl, facts, actions, asks, routineOf }: Reading): ReadExpression {
  return read

  function read(expression: ts.Expression): Expression {
    const node = bare(expression)
    const value = facts.valueOf(node)
    if (value !== undefined) return { is: 'literal', value }
    if (ts.isAwaitExpression(node)) return read(node.expression)
    if (ts.isCallExpression(node)) return call(node)
    if (ts.isBinaryExpression(node)) return binary(node)
    if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) return unary(node)
    if (ts.isConditionalExpression(node)) return choice(node)
    if (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node)) return named(node)
    if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return closure(node)
    if (ts.isNewExpression(node)) return handedOn(node.arguments ?? [], [])
    return { is: 'opaque', parts: children(node) }
  }

  /** It runs some time, or never: what it may change is unknown from here on. */
  function closure(node: ts.ArrowFunction | ts.FunctionExpression): Expression {
    const parts: Expression[] = []
    const visit = (child: ts.Node): void => {
      const changes =
        ts.isBinaryExpression(child) && isAssignment(child.operatorToken) ? facts.of(child.left) : undefined
      if (changes !== undefined) parts.push({ is: 'assign', fact: changes, value: nothing, retargets: false })
      ts.forEachChild(child, visit)
    }
    visit(node.body)
    return { is: routineOf(node).matters ? 'escape' : 'opaque', parts }
  }

  /** What is evaluated within it, in order. */
  function children(node: ts.Node): Expression[] {
    const parts: Expression[] = []
    const visit = (child: ts.Node): void => {
      if (ts.isTypeNode(child) || ts.isPropertyName(child)) return
      if (ts.isMethodDeclaration(child) || ts.isAccessor(child)) {
        if (child.body && routineOf(child as FunctionNode).matters) parts.push({ is: 'escape', parts: [] })
      } else if (ts.isExpression(child)) parts.push(read(child))
      else ts.forEachChild(child, visit)
    }
    ts.forEachChild(node, visit)
    return parts
  }

  function choice({ condition, whenTrue, whenFalse }: ts.ConditionalExpression): Expression {
    return {
      is: 'choose',
      test: read(condition),
      then: read(whenTrue),
      else: read(whenFalse),
      place: placeOf(condition),
    }
  }

  function named(node: ts.Identifier | ts.PropertyAccessExpression): Expression {
    if (ts.isPropertyAccessExpression(node) && isAborted(node)) return { is: 'canceled' }
    const routine =
      dsl.checker.getTypeAtLocation(node).getCallSignatures().length > 0 && resolveFunction(node, dsl.checker)
    if (routine && routineOf(routine).matters) return { is: 'escape', parts: [] }
    const fact = facts.of(node)
    if (fact !== undefined) return ask(fact, [])
    return ts.isPropertyAccessExpression(node) ? { is: 'opaque', parts: [read(node.expression)] } : nothing
  }

  function ask(fact: Fact, parts: readonly Expression[]): Expression {
    asks(fact)
    return { is: 'read', fact, parts }
  }

  function isAborted(node: ts.PropertyAccessExpression): boolean {
    return node.name.text === 'aborted' && dsl.checker.getTypeAtLocation(node.expression).symbol?.name === 'AbortSignal'
  }

  function unary(node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression): Expression {
    if (node.operator === ts.SyntaxKind.ExclamationToken) return { is: 'not', of: read(node.operand) }
    const counts = [ts.SyntaxKind.PlusPlusToken, ts.SyntaxKind.MinusMinusToken].includes(node.operator)
    if (counts) return { is: 'assign', fact: facts.of(node.operand), value: nothing, retargets: false }
    return { is: 'opaque', parts: [read(node.operand)] }
  }

  function binary(node: ts.BinaryExpression): Expression {
    const { left, operatorToken, right } = node
    switch (operatorToken.kind) {
      case ts.SyntaxKind.AmpersandAmpersandToken:
        return { is: 'and', left: read(left), right: read(right) }
      case ts.SyntaxKind.BarBarToken:
        return { is: 'or', left: read(left), right: read(right) }
      case ts.SyntaxKind.QuestionQuestionToken:
        return { is: 'coalesce', left: read(left), right: read(right) }
      default:
        if (isAssignment(operatorToken)) return assignment(node)
        return comparisons.has(operatorToken.kind) ? comparison(node) : relation(node)
    }
  }

  function assignment({ left, operatorToken, right }: ts.BinaryExpression): Expression {
    const plain = operatorToken.kind === ts.SyntaxKind.EqualsToken
    const value: Expression = plain ? read(right) : { is: 'opaque', parts: [read(right)] }
    const stores = ts.isPropertyAccessExpression(left) || ts.isElementAccessExpression(left)
    if (stores && dsl.carries(right)) return { is: 'escape', parts: [value] }
    const retargets = ts.isPropertyAccessExpression(left) && ['ruri', 'dstUri'].includes(left.name.text)
    return { is: 'assign', fact: facts.of(left), value, retargets }
  }

  function comparison(node: ts.BinaryExpression): Expression {
    const kind = node.operatorToken.kind
    const negated = [ts.SyntaxKind.ExclamationEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsToken].includes(kind)
    const loose = [ts.SyntaxKind.EqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsToken].includes(kind)
    const [left, right] = facts.valueOf(node.left) === undefined ? [node.left, node.right] : [node.right, node.left]
    const value = facts.valueOf(right)
    const same = value === undefined ? equality(left, right, loose) : compare(left, value, loose)
    return negated ? { is: 'not', of: same } : same
  }

  function compare(left: ts.Expression, right: string, loose: boolean): Expression {
    const of = facts.of(left)
    // The last of its values that is left: the conditions before have ruled out the others.
    const type = dsl.checker.getTypeAtLocation(left)
    if (type.isStringLiteral() && `=${JSON.stringify(type.value)}` === right) return { is: 'literal', value: '=true' }
    const fact = `${of ?? `at ${left.pos}`} ${loose ? '==' : '==='} ${right}`
    asks(fact)
    if (of !== undefined) asks(of)
    return { is: 'compare', left: read(left), right, loose, fact }
  }

  function equality(left: ts.Expression, right: ts.Expression, loose: boolean): Expression {
    const sides = [facts.of(left), facts.of(right)].toSorted()
    const parts = [read(left), read(right)]
    if (sides.includes(undefined)) return { is: 'opaque', parts }
    return ask(`${sides[0]} ${loose ? '==' : '==='} ${sides[1]}`, parts)
  }

  function relation(node: ts.BinaryExpression): Expression {
    const fact = facts.of(node)
    const parts = [read(node.left), read(node.right)]
    return fact === undefined ? { is: 'opaque', parts } : ask(fact, parts)
  }

  function call(node: ts.CallExpression): Expression {
    const parts = node.arguments.map(read)
    const action = actions.of(node)
    if (action) return { is: 'act', action, parts }
    switch (dsl.functionOf(node.expression)) {
      case 'uac.auth':
        return { is: 'auth', place: placeOf(node.expression), result: resultOf(node), parts }
      case 'uac.replaceFrom':
      case 'uac.replaceTo':
        return { is: 'replace', place: placeOf(node.expression), parts }
      case 'registrar.lookup':
      case 'uac.reg.requestTo':
        return { is: 'retarget', parts }
      default:
        return ownOrForeign(node, parts)
    }
  }

  function resultOf(node: ts.CallExpression): 'seen' | 'ignored' | 'elsewhere' {
    const use = useOf(node)
    return use === 'dropped' ? 'ignored' : use === 'elsewhere' ? 'elsewhere' : 'seen'
  }

  function ownOrForeign(node: ts.CallExpression, parts: readonly Expression[]): Expression {
    const own = resolveFunction(node.expression, dsl.checker)
    if (isNever(node) && !(own && routineOf(own).matters)) return { is: 'never', parts }
    if (own) return ownCall(node, own, parts)
    const callee = bare(node.expression)
    const object = ts.isPropertyAccessExpression(callee) ? callee.expression : undefined
    // One of several actions, or `relay.call`.
    if (dsl.carries(callee) || (object && dsl.functionOf(object) !== undefined)) return { is: 'escape', parts }
    const question = facts.of(node)
    if (question !== undefined) return ask(question, parts)
    const before =
      ts.isPropertyAccessExpression(callee) || ts.isElementAccessExpression(callee) ? read(callee.expression) : nothing
    const handed = handedOn(node.arguments, [before, ...parts])
    // A method may change what its object tells.
    const changes = object && facts.of(object)
    return changes === undefined ? handed : { is: 'assign', fact: changes, value: handed, retargets: false }
  }

  /** One that only tells is a question, the same each time it is asked of the same. */
  function ownCall(node: ts.CallExpression, own: FunctionNode, parts: readonly Expression[]): Expression {
    const { id: to, matters, tells } = routineOf(own)
    const given = node.arguments.map((each) => facts.valueOf(each) ?? facts.of(each))
    if (!matters && !tells && given.length > 0 && !given.includes(undefined))
      return ask(`function ${to}(${given.join()})`, parts)
    const use = useOf(node)
    const isPromise = dsl.checker.getTypeAtLocation(node).getProperty('then') !== undefined
    const dropped = ts.isExpressionStatement(node.parent) || ts.isVoidExpression(node.parent)
    const detached = isPromise && (dropped || ts.isPropertyAccessExpression(node.parent))
    return { is: 'call', to, parts, used: use !== 'dropped', detached }
  }

  /** To a function that is not the project's own. */
  function handedOn(given: readonly ts.Expression[], parts: readonly Expression[]): Expression {
    const all = parts.length > 0 ? parts : given.map(read)
    return given.some((each) => dsl.carries(ts.isSpreadElement(each) ? each.expression : each))
      ? { is: 'escape', parts: all }
      : { is: 'opaque', parts: all }
  }

  function isNever(node: ts.CallExpression): boolean {
    return (dsl.checker.getTypeAtLocation(node).flags & ts.TypeFlags.Never) !== 0
  }
}
