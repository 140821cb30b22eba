/** Expressions of the routes as the model has them. */
import { ts } from 'ts-morph'
import type { Expression, Fact, Routine } from '../model.ts'
import type { Actions } from './actions.ts'
import type { Dsl } from './dsl.ts'
import type { Facts } from './facts.ts'
import { resolveFunction, type FunctionNode } from './functions.ts'
import { placeOf } from './places.ts'
import { runsTooLate } from './timers.ts'
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

const logical = new Map<ts.SyntaxKind, 'and' | 'or' | 'coalesce'>([
  [ts.SyntaxKind.AmpersandAmpersandToken, 'and'],
  [ts.SyntaxKind.BarBarToken, 'or'],
  [ts.SyntaxKind.QuestionQuestionToken, 'coalesce'],
])

export class Expressions {
  readonly #reading: Reading

  constructor(reading: Reading) {
    this.#reading = reading
  }

  read(expression: ts.Expression): Expression {
    const node = bare(expression)
    const value = this.#reading.facts.valueOf(node)
    if (value !== undefined) return { is: 'literal', value }
    if (ts.isAwaitExpression(node)) return this.read(node.expression)
    if (ts.isCallExpression(node)) return this.call(node)
    if (ts.isBinaryExpression(node)) return this.binary(node)
    if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) return this.unary(node)
    if (ts.isConditionalExpression(node)) return this.choice(node)
    if (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node)) return this.named(node)
    if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return this.closure(node)
    if (ts.isNewExpression(node)) return this.handedOn(node.arguments ?? [], [])
    return { is: 'opaque', parts: this.children(node) }
  }

  /** It runs some time, or never: what it may change is unknown from here on. */
  closure(node: ts.ArrowFunction | ts.FunctionExpression): Expression {
    const parts: Expression[] = []
    const visit = (child: ts.Node): void => {
      const changes =
        ts.isBinaryExpression(child) && isAssignment(child.operatorToken)
          ? this.#reading.facts.of(child.left)
          : undefined
      if (changes !== undefined) parts.push({ is: 'assign', fact: changes, value: nothing, retargets: false })
      ts.forEachChild(child, visit)
    }
    visit(node.body)
    return { is: this.#reading.routineOf(node).matters ? 'escape' : 'opaque', parts }
  }

  /** What is evaluated within it, in order. */
  children(node: ts.Node): Expression[] {
    const parts: Expression[] = []
    const visit = (child: ts.Node): void => {
      if (ts.isTypeNode(child) || ts.isPropertyName(child)) return
      if (ts.isMethodDeclaration(child) || ts.isAccessor(child)) {
        if (child.body && this.#reading.routineOf(child as FunctionNode).matters)
          parts.push({ is: 'escape', parts: [] })
      } else if (ts.isExpression(child)) parts.push(this.read(child))
      else ts.forEachChild(child, visit)
    }
    ts.forEachChild(node, visit)
    return parts
  }

  choice({ condition, whenTrue, whenFalse }: ts.ConditionalExpression): Expression {
    return {
      is: 'choose',
      test: this.read(condition),
      ifTrue: this.read(whenTrue),
      ifFalse: this.read(whenFalse),
      place: placeOf(condition),
    }
  }

  named(node: ts.Identifier | ts.PropertyAccessExpression): Expression {
    if (ts.isPropertyAccessExpression(node) && this.isAborted(node)) return { is: 'canceled' }
    const routine =
      this.#reading.dsl.checker.getTypeAtLocation(node).getCallSignatures().length > 0 &&
      resolveFunction(node, this.#reading.dsl.checker)
    if (routine && this.#reading.routineOf(routine).matters) return { is: 'escape', parts: [] }
    const fact = this.#reading.facts.of(node)
    if (fact !== undefined) return this.ask(fact, [])
    return ts.isPropertyAccessExpression(node) ? { is: 'opaque', parts: [this.read(node.expression)] } : nothing
  }

  ask(fact: Fact, parts: readonly Expression[]): Expression {
    this.#reading.asks(fact)
    return { is: 'read', fact, parts }
  }

  isAborted(node: ts.PropertyAccessExpression): boolean {
    return (
      node.name.text === 'aborted' &&
      this.#reading.dsl.checker.getTypeAtLocation(node.expression).symbol?.name === 'AbortSignal'
    )
  }

  unary(node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression): Expression {
    if (node.operator === ts.SyntaxKind.ExclamationToken) return { is: 'not', of: this.read(node.operand) }
    const counts = [ts.SyntaxKind.PlusPlusToken, ts.SyntaxKind.MinusMinusToken].includes(node.operator)
    if (counts) return { is: 'assign', fact: this.#reading.facts.of(node.operand), value: nothing, retargets: false }
    return { is: 'opaque', parts: [this.read(node.operand)] }
  }

  binary(node: ts.BinaryExpression): Expression {
    const { left, operatorToken, right } = node
    const { kind } = operatorToken
    const is = logical.get(kind)
    if (is) return { is, left: this.read(left), right: this.read(right) }
    if (kind === ts.SyntaxKind.CommaToken) return { is: 'comma', left: this.read(left), right: this.read(right) }
    if (isAssignment(operatorToken)) return this.assignment(node)
    return comparisons.has(kind) ? this.comparison(node) : this.relation(node)
  }

  assignment({ left, operatorToken, right }: ts.BinaryExpression): Expression {
    const plain = operatorToken.kind === ts.SyntaxKind.EqualsToken
    const value: Expression = plain ? this.read(right) : { is: 'opaque', parts: [this.read(right)] }
    const stores = ts.isPropertyAccessExpression(left) || ts.isElementAccessExpression(left)
    if (stores && this.#reading.dsl.carries(right)) return { is: 'escape', parts: [value] }
    const retargets = ts.isPropertyAccessExpression(left) && ['ruri', 'dstUri'].includes(left.name.text)
    return { is: 'assign', fact: this.#reading.facts.of(left), value, retargets }
  }

  comparison(node: ts.BinaryExpression): Expression {
    const kind = node.operatorToken.kind
    const negated = [ts.SyntaxKind.ExclamationEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsToken].includes(kind)
    const loose = [ts.SyntaxKind.EqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsToken].includes(kind)
    const [left, right] =
      this.#reading.facts.valueOf(node.left) === undefined ? [node.left, node.right] : [node.right, node.left]
    const value = this.#reading.facts.valueOf(right)
    const same = value === undefined ? this.equality(left, right, loose) : this.compare(left, value, loose)
    return negated ? { is: 'not', of: same } : same
  }

  compare(left: ts.Expression, right: string, loose: boolean): Expression {
    const of = this.#reading.facts.of(left)
    // The last of its values that is left: the conditions before have ruled out the others.
    const type = this.#reading.dsl.checker.getTypeAtLocation(left)
    if (type.isStringLiteral() && `=${JSON.stringify(type.value)}` === right) return { is: 'literal', value: '=true' }
    const fact = `${of ?? `at ${left.pos}`} ${loose ? '==' : '==='} ${right}`
    this.#reading.asks(fact)
    if (of !== undefined) this.#reading.asks(of)
    return { is: 'compare', left: this.read(left), right, loose, fact }
  }

  equality(left: ts.Expression, right: ts.Expression, loose: boolean): Expression {
    const [one, other] = [this.#reading.facts.of(left), this.#reading.facts.of(right)]
    const parts = [this.read(left), this.read(right)]
    if (one === undefined || other === undefined) return { is: 'opaque', parts }
    const sides = one < other ? [one, other] : [other, one]
    return this.ask(sides.join(loose ? ' == ' : ' === '), parts)
  }

  relation(node: ts.BinaryExpression): Expression {
    const fact = this.#reading.facts.of(node)
    const parts = [this.read(node.left), this.read(node.right)]
    return fact === undefined ? { is: 'opaque', parts } : this.ask(fact, parts)
  }

  call(node: ts.CallExpression): Expression {
    if (runsTooLate(node, this.#reading.dsl.checker)) return nothing
    const parts = node.arguments.map((each) => this.read(each))
    const action = this.#reading.actions.of(node)
    if (action) return { is: 'act', action, parts }
    const known = this.#reading.dsl.functionOf(node.expression)
    const place = placeOf(node.expression)
    if (known === 'uac.auth') return { is: 'auth', place, result: this.resultOf(node), parts }
    if (known === 'uac.replaceFrom' || known === 'uac.replaceTo') return { is: 'replace', place, parts }
    if (known === 'registrar.lookup' || known === 'uac.reg.requestTo') return { is: 'retarget', parts }
    return this.ownOrForeign(node, parts)
  }

  resultOf(node: ts.CallExpression): 'seen' | 'ignored' | 'elsewhere' {
    const use = useOf(node)
    return use === 'dropped' ? 'ignored' : use === 'elsewhere' ? 'elsewhere' : 'seen'
  }

  ownOrForeign(node: ts.CallExpression, parts: readonly Expression[]): Expression {
    const own = resolveFunction(node.expression, this.#reading.dsl.checker)
    if (this.isNever(node) && !(own && this.#reading.routineOf(own).matters)) return { is: 'never', parts }
    if (own) return this.ownCall(node, own, parts)
    const callee = bare(node.expression)
    const object = ts.isPropertyAccessExpression(callee) ? callee.expression : undefined
    // One of several actions, or `relay.call`.
    if (this.#reading.dsl.carries(callee) || (object && this.#reading.dsl.functionOf(object) !== undefined))
      return { is: 'escape', parts }
    const question = this.#reading.facts.of(node)
    if (question !== undefined) return this.ask(question, parts)
    const before =
      ts.isPropertyAccessExpression(callee) || ts.isElementAccessExpression(callee)
        ? this.read(callee.expression)
        : nothing
    const handed = this.handedOn(node.arguments, [before, ...parts])
    // A method may change what its object tells.
    const changes = object && this.#reading.facts.of(object)
    return changes === undefined ? handed : { is: 'assign', fact: changes, value: handed, retargets: false }
  }

  /** One that only tells is a question, the same each time it is asked of the same. */
  ownCall(node: ts.CallExpression, own: FunctionNode, parts: readonly Expression[]): Expression {
    const { id: to, matters, tells } = this.#reading.routineOf(own)
    const given = node.arguments.map((each) => this.#reading.facts.valueOf(each) ?? this.#reading.facts.of(each))
    if (!matters && !tells && given.length > 0 && !given.includes(undefined))
      return this.ask(`function ${to}(${given.join()})`, parts)
    const use = useOf(node)
    const isPromise = this.#reading.dsl.checker.getTypeAtLocation(node).getProperty('then') !== undefined
    const dropped = ts.isExpressionStatement(node.parent) || ts.isVoidExpression(node.parent)
    const detached = isPromise && (dropped || ts.isPropertyAccessExpression(node.parent))
    return { is: 'call', to, parts, used: use !== 'dropped', detached }
  }

  /** To a function that is not the project's own. */
  handedOn(given: readonly ts.Expression[], parts: readonly Expression[]): Expression {
    const all = parts.length > 0 ? parts : given.map((each) => this.read(each))
    return given.some((each) => this.#reading.dsl.carries(ts.isSpreadElement(each) ? each.expression : each))
      ? { is: 'escape', parts: all }
      : { is: 'opaque', parts: all }
  }

  isNever(node: ts.CallExpression): boolean {
    return (this.#reading.dsl.checker.getTypeAtLocation(node).flags & ts.TypeFlags.Never) !== 0
  }
}
