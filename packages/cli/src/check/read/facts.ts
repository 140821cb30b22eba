/**
 * What a condition asks, as text: the same text is the same question. A variable is named by where it is declared; the request
 * of a handler is `req`, whatever holds it.
 */
import { ts } from 'ts-morph'
import type { Fact, Value } from '../model.ts'
import type { Dsl } from './dsl.ts'
import { symbolOf } from './functions.ts'
import { bare } from './syntax.ts'

/** They tell, and change nothing. */
const questions = new Set([
  'get',
  'getAll',
  'has',
  'startsWith',
  'endsWith',
  'includes',
  'test',
  'at',
  'toLowerCase',
  'toUpperCase',
  'toString',
  'trim',
  'status',
])

/** Ends like a variable's, so that no other begins with it. */
export const REQUEST: Fact = 'req@;'

/** Whether it is a variable, and no property of one. */
export function isVariable(fact: Fact): boolean {
  return fact.endsWith(';') && fact !== REQUEST
}

export interface Facts {
  of: (expression: ts.Expression) => Fact | undefined
  ofName: (name: ts.Node) => Fact | undefined
  valueOf: (expression: ts.Expression) => Value | undefined
}

export function createFacts(dsl: Dsl): Facts {
  return { of, ofName, valueOf }

  function ofName(name: ts.Node): Fact | undefined {
    if (dsl.isA(name, 'Request')) return REQUEST
    const declaration = symbolOf(name, dsl.checker)?.declarations?.[0]
    if (declaration === undefined) return undefined
    if (ts.isBindingElement(declaration) && ts.isObjectBindingPattern(declaration.parent)) {
      const object = destructured(declaration.parent)
      const property = declaration.propertyName ?? declaration.name
      if (object !== undefined && ts.isIdentifier(property)) return `${object}.${property.text}`
    }
    return `${name.getText()}@${declaration.getSourceFile().fileName}:${declaration.pos};`
  }

  /** What a pattern takes apart. */
  function destructured(pattern: ts.ObjectBindingPattern): Fact | undefined {
    if (dsl.isA(pattern, 'Request')) return REQUEST
    const { parent } = pattern
    return ts.isVariableDeclaration(parent) && parent.initializer ? of(parent.initializer) : undefined
  }

  function of(expression: ts.Expression): Fact | undefined {
    const node = bare(expression)
    if (ts.isIdentifier(node)) return ofName(node)
    if (ts.isPropertyAccessExpression(node)) {
      if (dsl.isA(node, 'Request')) return REQUEST
      const object = of(node.expression)
      return object === undefined ? undefined : `${object}.${node.name.text}`
    }
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression))
      return ofQuestion(node, node.expression)
    return ts.isBinaryExpression(node) ? ofRelation(node) : undefined
  }

  function ofQuestion(call: ts.CallExpression, { expression, name }: ts.PropertyAccessExpression): Fact | undefined {
    const object = questions.has(name.text) ? of(expression) : undefined
    const values = call.arguments.map((each) => valueOf(each) ?? of(each))
    if (object === undefined || values.includes(undefined)) return undefined
    return `${object}.${name.text}(${values.join()})`
  }

  function ofRelation({ left, operatorToken, right }: ts.BinaryExpression): Fact | undefined {
    if (!relations.has(operatorToken.kind)) return undefined
    const [a, b] = [left, right].map((side) => valueOf(side) ?? of(side))
    return a === undefined || b === undefined ? undefined : `${a} ${operatorToken.getText()} ${b}`
  }

  function valueOf(expression: ts.Expression): Value | undefined {
    const node = bare(expression)
    if (ts.isStringLiteralLike(node)) return `=${JSON.stringify(node.text)}`
    if (ts.isNumericLiteral(node)) return `=${Number(node.text)}`
    if (node.kind === ts.SyntaxKind.TrueKeyword) return '=true'
    if (node.kind === ts.SyntaxKind.FalseKeyword) return '=false'
    if (node.kind === ts.SyntaxKind.NullKeyword) return '=null'
    return ts.isIdentifier(node) && node.text === 'undefined' ? '=undefined' : undefined
  }
}

const relations = new Set<ts.SyntaxKind>([
  ts.SyntaxKind.LessThanToken,
  ts.SyntaxKind.LessThanEqualsToken,
  ts.SyntaxKind.GreaterThanToken,
  ts.SyntaxKind.GreaterThanEqualsToken,
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.InKeyword,
])
