/** Statements of the routes as the model has them. */
import { ts } from 'ts-morph'
import type { Case, Expression, Statement } from '../model.ts'
import type { Dsl } from './dsl.ts'
import type { ReadExpression, Reading } from './expressions.ts'
import { isVariable, type Facts } from './facts.ts'
import { placeOf, wordOf } from './places.ts'

export class Statements {
  readonly #dsl: Dsl
  readonly #facts: Facts
  readonly #read: ReadExpression

  constructor({ dsl, facts }: Reading, read: ReadExpression) {
    this.#dsl = dsl
    this.#facts = facts
    this.#read = read
  }

  ofBody(body: ts.ConciseBody): Statement[] {
    if (ts.isBlock(body)) return body.statements.flatMap((each) => this.of(each))
    return [{ is: 'return', value: this.#read(body), place: placeOf(body) }]
  }

  of(node: ts.Statement, label?: string): Statement[] {
    if (ts.isBlock(node)) return [{ is: 'block', body: this.ofBody(node), label }]
    if (ts.isExpressionStatement(node)) return [{ is: 'evaluate', expression: this.#read(node.expression) }]
    if (ts.isVariableStatement(node)) return this.declarations(node.declarationList)
    if (ts.isIfStatement(node)) return [this.ifElse(node)]
    if (ts.isSwitchStatement(node)) return [this.choice(node, label)]
    if (ts.isTryStatement(node)) return [this.attempt(node)]
    if (ts.isLabeledStatement(node)) return this.of(node.statement, node.label.text)
    if (ts.isReturnStatement(node))
      return [{ is: 'return', value: node.expression && this.#read(node.expression), place: placeOf(node) }]
    if (ts.isThrowStatement(node)) return [{ is: 'throw', value: this.#read(node.expression) }]
    if (ts.isBreakStatement(node)) return [{ is: 'break', label: node.label?.text }]
    if (ts.isContinueStatement(node)) return [{ is: 'continue', label: node.label?.text }]
    return ts.isIterationStatement(node, false) ? this.loop(node, label) : []
  }

  /** Its condition stands for it: a whole statement says nothing. */
  ifElse({ expression, thenStatement, elseStatement }: ts.IfStatement): Statement {
    return {
      is: 'if',
      test: this.#read(expression),
      ifTrue: this.of(thenStatement),
      ifFalse: elseStatement ? this.of(elseStatement) : [],
      place: placeOf(expression),
    }
  }

  declarations({ declarations }: ts.VariableDeclarationList): Statement[] {
    return declarations.flatMap((declaration): Statement[] => {
      const { name, initializer } = declaration
      const isConst = ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const
      // Followed where it is called.
      if (isConst && initializer && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer))) return []
      if (ts.isIdentifier(name)) return this.declare(name, initializer && this.#read(initializer))
      const value: Statement[] = initializer ? [{ is: 'evaluate', expression: this.#read(initializer) }] : []
      return [...value, ...this.forget(name)]
    })
  }

  declare(name: ts.Identifier, value: Expression | undefined): Statement[] {
    const fact = this.#facts.ofName(name)
    if (fact === undefined || !isVariable(fact)) return value ? [{ is: 'evaluate', expression: value }] : []
    return [{ is: 'declare', fact, value }]
  }

  /** Each round has its own. */
  forget(name: ts.BindingName): Statement[] {
    if (ts.isIdentifier(name)) return this.declare(name, undefined)
    return name.elements.flatMap((element) => (ts.isBindingElement(element) ? this.forget(element.name) : []))
  }

  choice(node: ts.SwitchStatement, label: string | undefined): Statement {
    const subject = this.#read(node.expression)
    const cases = node.caseBlock.clauses.map((clause): Case => {
      const test = ts.isCaseClause(clause) ? this.caseTest(node.expression, clause.expression) : undefined
      return { test, body: clause.statements.flatMap((each) => this.of(each)), place: placeOf(clause) }
    })
    return { is: 'switch', subject, cases, exhaustive: this.isExhaustive(node), place: placeOf(node.expression), label }
  }

  caseTest(subject: ts.Expression, test: ts.Expression): Expression {
    const right = this.#facts.valueOf(test)
    // `switch (true)` asks its cases.
    if (subject.kind === ts.SyntaxKind.TrueKeyword) return this.#read(test)
    if (right === undefined) return { is: 'opaque', parts: [this.#read(test)] }
    const fact = this.#facts.of(subject)
    // The subject was evaluated once already; only what is known of it counts here.
    const left: Expression = fact === undefined ? { is: 'opaque', parts: [] } : { is: 'read', fact, parts: [] }
    return { is: 'compare', left, right, loose: false, fact: `${fact ?? `at ${subject.pos}`} === ${right}` }
  }

  isExhaustive({ expression, caseBlock }: ts.SwitchStatement): boolean {
    const type = this.#dsl.checker.getTypeAtLocation(expression)
    const tested = caseBlock.clauses.map(
      (clause) => ts.isCaseClause(clause) && this.#dsl.checker.getTypeAtLocation(clause.expression),
    )
    return (type.isUnion() ? type.types : [type]).every((each) => isUnit(each) && tested.includes(each))
  }

  attempt({ tryBlock, catchClause, finallyBlock }: ts.TryStatement): Statement {
    return {
      is: 'try',
      body: this.ofBody(tryBlock),
      catch: catchClause && { body: this.ofBody(catchClause.block), place: wordOf(catchClause) },
      finally: finallyBlock ? this.ofBody(finallyBlock) : [],
    }
  }

  loop(node: ts.IterationStatement, label: string | undefined): Statement[] {
    const body = this.of(node.statement)
    const rest = { place: placeOf(node), label, update: undefined, bodyFirst: false }
    if (ts.isWhileStatement(node))
      return [
        { is: 'loop', loop: { ...rest, test: this.#read(node.expression), body, place: placeOf(node.expression) } },
      ]
    if (ts.isDoStatement(node))
      return [
        {
          is: 'loop',
          loop: { ...rest, test: this.#read(node.expression), body, bodyFirst: true, place: placeOf(node.expression) },
        },
      ]
    if (ts.isForStatement(node)) return this.counted(node, body, label)
    if (!ts.isForOfStatement(node) && !ts.isForInStatement(node)) return []
    const list: Statement = { is: 'evaluate', expression: this.#read(node.expression) }
    const names = ts.isVariableDeclarationList(node.initializer) ? node.initializer.declarations : []
    const fresh = names.flatMap(({ name }) => this.forget(name))
    return [
      list,
      { is: 'loop', loop: { ...rest, test: undefined, body: [...fresh, ...body], place: placeOf(node.expression) } },
    ]
  }

  counted(node: ts.ForStatement, body: Statement[], label: string | undefined): Statement[] {
    const { initializer, condition, incrementor } = node
    const before: Statement[] = !initializer
      ? []
      : ts.isVariableDeclarationList(initializer)
        ? this.declarations(initializer)
        : [{ is: 'evaluate', expression: this.#read(initializer) }]
    const test: Expression = condition ? this.#read(condition) : { is: 'literal', value: '=true' }
    const place = placeOf(condition ?? node)
    return [
      ...before,
      {
        is: 'loop',
        loop: { test, body, update: incrementor && this.#read(incrementor), bodyFirst: false, place, label },
      },
    ]
  }
}

function isUnit(type: ts.Type): boolean {
  return (type.flags & ts.TypeFlags.Unit) !== 0
}
