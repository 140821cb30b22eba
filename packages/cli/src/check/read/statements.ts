/** Statements of the routes as the model has them. */
import { ts } from 'ts-morph'
import type { Case, Expression, Statement } from '../model.ts'
import type { ReadExpression, Reading } from './expressions.ts'
import { isVariable } from './facts.ts'
import { placeOf, wordOf } from './places.ts'

export function createStatements({ dsl, facts }: Reading, read: ReadExpression) {
  return { ofBody }

  function ofBody(body: ts.ConciseBody): Statement[] {
    if (ts.isBlock(body)) return body.statements.flatMap((each) => of(each))
    return [{ is: 'return', value: read(body), place: placeOf(body) }]
  }

  function of(node: ts.Statement, label?: string): Statement[] {
    if (ts.isBlock(node)) return [{ is: 'block', body: ofBody(node), label }]
    if (ts.isExpressionStatement(node)) return [{ is: 'evaluate', expression: read(node.expression) }]
    if (ts.isVariableStatement(node)) return declarations(node.declarationList)
    if (ts.isIfStatement(node)) return [ifElse(node)]
    if (ts.isSwitchStatement(node)) return [choice(node, label)]
    if (ts.isTryStatement(node)) return [attempt(node)]
    if (ts.isLabeledStatement(node)) return of(node.statement, node.label.text)
    if (ts.isReturnStatement(node))
      return [{ is: 'return', value: node.expression && read(node.expression), place: placeOf(node) }]
    if (ts.isThrowStatement(node)) return [{ is: 'throw', value: read(node.expression) }]
    if (ts.isBreakStatement(node)) return [{ is: 'break', label: node.label?.text }]
    if (ts.isContinueStatement(node)) return [{ is: 'continue', label: node.label?.text }]
    return ts.isIterationStatement(node, false) ? loop(node, label) : []
  }

  /** Its condition stands for it: a whole statement says nothing. */
  function ifElse({ expression, thenStatement, elseStatement }: ts.IfStatement): Statement {
    return {
      is: 'if',
      test: read(expression),
      then: of(thenStatement),
      else: elseStatement ? of(elseStatement) : [],
      place: placeOf(expression),
    }
  }

  function declarations({ declarations }: ts.VariableDeclarationList): Statement[] {
    return declarations.flatMap((declaration): Statement[] => {
      const { name, initializer } = declaration
      const isConst = ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const
      // Followed where it is called.
      if (isConst && initializer && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer))) return []
      if (ts.isIdentifier(name)) return declare(name, initializer && read(initializer))
      const value: Statement[] = initializer ? [{ is: 'evaluate', expression: read(initializer) }] : []
      return [...value, ...forget(name)]
    })
  }

  function declare(name: ts.Identifier, value: Expression | undefined): Statement[] {
    const fact = facts.ofName(name)
    if (fact === undefined || !isVariable(fact)) return value ? [{ is: 'evaluate', expression: value }] : []
    return [{ is: 'declare', fact, value }]
  }

  /** Each round has its own. */
  function forget(name: ts.BindingName): Statement[] {
    if (ts.isIdentifier(name)) return declare(name, undefined)
    return name.elements.flatMap((element) => (ts.isBindingElement(element) ? forget(element.name) : []))
  }

  function choice(node: ts.SwitchStatement, label: string | undefined): Statement {
    const subject = read(node.expression)
    const cases = node.caseBlock.clauses.map((clause): Case => {
      const test = ts.isCaseClause(clause) ? caseTest(node.expression, clause.expression) : undefined
      return { test, body: clause.statements.flatMap((each) => of(each)), place: placeOf(clause) }
    })
    return { is: 'switch', subject, cases, exhaustive: isExhaustive(node), place: placeOf(node.expression), label }
  }

  function caseTest(subject: ts.Expression, test: ts.Expression): Expression {
    const right = facts.valueOf(test)
    // `switch (true)` asks its cases.
    if (subject.kind === ts.SyntaxKind.TrueKeyword) return read(test)
    if (right === undefined) return { is: 'opaque', parts: [read(test)] }
    const fact = facts.of(subject)
    // The subject was evaluated once already; only what is known of it counts here.
    const left: Expression = fact === undefined ? { is: 'opaque', parts: [] } : { is: 'read', fact, parts: [] }
    return { is: 'compare', left, right, loose: false, fact: `${fact ?? `at ${subject.pos}`} === ${right}` }
  }

  function isExhaustive({ expression, caseBlock }: ts.SwitchStatement): boolean {
    const type = dsl.checker.getTypeAtLocation(expression)
    const tested = caseBlock.clauses.map(
      (clause) => ts.isCaseClause(clause) && dsl.checker.getTypeAtLocation(clause.expression),
    )
    return (type.isUnion() ? type.types : [type]).every((each) => isUnit(each) && tested.includes(each))
  }

  function attempt({ tryBlock, catchClause, finallyBlock }: ts.TryStatement): Statement {
    return {
      is: 'try',
      body: ofBody(tryBlock),
      catch: catchClause && { body: ofBody(catchClause.block), place: wordOf(catchClause) },
      finally: finallyBlock ? ofBody(finallyBlock) : [],
    }
  }

  function loop(node: ts.IterationStatement, label: string | undefined): Statement[] {
    const body = of(node.statement)
    const rest = { place: placeOf(node), label, update: undefined, bodyFirst: false }
    if (ts.isWhileStatement(node))
      return [{ is: 'loop', loop: { ...rest, test: read(node.expression), body, place: placeOf(node.expression) } }]
    if (ts.isDoStatement(node))
      return [
        {
          is: 'loop',
          loop: { ...rest, test: read(node.expression), body, bodyFirst: true, place: placeOf(node.expression) },
        },
      ]
    if (ts.isForStatement(node)) return counted(node, body, label)
    if (!ts.isForOfStatement(node) && !ts.isForInStatement(node)) return []
    const list: Statement = { is: 'evaluate', expression: read(node.expression) }
    const names = ts.isVariableDeclarationList(node.initializer) ? node.initializer.declarations : []
    const fresh = names.flatMap(({ name }) => forget(name))
    return [
      list,
      { is: 'loop', loop: { ...rest, test: undefined, body: [...fresh, ...body], place: placeOf(node.expression) } },
    ]
  }

  function counted(node: ts.ForStatement, body: Statement[], label: string | undefined): Statement[] {
    const { initializer, condition, incrementor } = node
    const before: Statement[] = !initializer
      ? []
      : ts.isVariableDeclarationList(initializer)
        ? declarations(initializer)
        : [{ is: 'evaluate', expression: read(initializer) }]
    const test: Expression = condition ? read(condition) : { is: 'literal', value: '=true' }
    const place = placeOf(condition ?? node)
    return [
      ...before,
      { is: 'loop', loop: { test, body, update: incrementor && read(incrementor), bodyFirst: false, place, label } },
    ]
  }
}

function isUnit(type: ts.Type): boolean {
  return (type.flags & ts.TypeFlags.Unit) !== 0
}
