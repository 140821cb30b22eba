/** Promises that nobody awaits, of helpers that must be awaited. `void` in front says that it is meant. */
import { ts } from 'ts-morph'
import type { Place } from '../model.ts'
import type { Dsl } from './dsl.ts'
import { resolveFunction } from './functions.ts'
import { placeOf } from './places.ts'
import { bare } from './syntax.ts'

const promised = new Set(['uac.send', 'sql', 'registrar.save', 'registrar.lookup'])

/** `node` may be a statement, an arrow function, or a declaration. */
export function floatingIn(node: ts.Node, dsl: Dsl): { place: Place; what: string } | undefined {
  const dropped = droppedBy(node)
  if (dropped) return sourceOf(dropped)
  const source = ts.isVariableDeclaration(node) && node.initializer ? sourceOf(node.initializer) : undefined
  return source && isForgotten(node as ts.VariableDeclaration) ? source : undefined

  /** The first promise in it that nobody waits for. */
  function sourceOf(expression: ts.Expression): { place: Place; what: string } | undefined {
    const at = bare(expression)
    if (ts.isConditionalExpression(at)) return sourceOf(at.whenTrue) ?? sourceOf(at.whenFalse)
    if (ts.isBinaryExpression(at)) return isChain(at) ? sourceOf(at.right) : undefined
    if (ts.isTaggedTemplateExpression(at)) return promiseOf(at.tag, at)
    if (!ts.isCallExpression(at)) return undefined
    return promiseOf(at.expression, at) ?? throughThen(at) ?? together(at)
  }

  function promiseOf(callee: ts.Expression, node: ts.Expression): { place: Place; what: string } | undefined {
    const known = dsl.functionOf(callee)
    if (known !== undefined) return promised.has(known) ? { place: placeOf(node), what: known } : undefined
    const own = ts.isCallExpression(node) && takesActions(node) && resolveFunction(callee, dsl.checker)
    const isPromise = own && dsl.checker.getTypeAtLocation(node).getProperty('then') !== undefined
    return isPromise ? { place: placeOf(node), what: callee.getText() } : undefined
  }

  function takesActions(call: ts.CallExpression): boolean {
    return call.arguments.some((each) => dsl.carries(each) || dsl.isContext(each))
  }

  /** `a().then(b)`; whoever catches has thought of it. */
  function throughThen({
    expression,
    arguments: given,
  }: ts.CallExpression): { place: Place; what: string } | undefined {
    if (!ts.isPropertyAccessExpression(expression)) return undefined
    const goesOn = expression.name.text === 'finally' || (expression.name.text === 'then' && given.length < 2)
    return goesOn ? sourceOf(expression.expression) : undefined
  }

  /** `Promise.all([…])`. */
  function together({ expression, arguments: [list] }: ts.CallExpression): { place: Place; what: string } | undefined {
    const isPromise = ts.isPropertyAccessExpression(expression) && expression.expression.getText() === 'Promise'
    if (!isPromise || !list || !ts.isArrayLiteralExpression(list)) return undefined
    for (const element of list.elements) {
      const source = sourceOf(element)
      if (source) return source
    }
    return undefined
  }

  /** A variable that nobody reads. */
  function isForgotten(declaration: ts.VariableDeclaration): boolean {
    const { name } = declaration
    if (!ts.isIdentifier(name)) return false
    const symbol = dsl.checker.getSymbolAtLocation(name)
    const reads = (node: ts.Node): boolean =>
      (ts.isIdentifier(node) &&
        node !== name &&
        node.text === name.text &&
        dsl.checker.getSymbolAtLocation(node) === symbol) ||
      (ts.forEachChild(node, reads) ?? false)
    const isExported = ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export
    return !isExported && !reads(name.getSourceFile())
  }
}

/** The expression whose value the node lets go. */
function droppedBy(node: ts.Node): ts.Expression | undefined {
  if (ts.isExpressionStatement(node)) return node.expression
  const isCallback = ts.isArrowFunction(node) && ts.isCallExpression(node.parent) && !ts.isBlock(node.body)
  if (!isCallback) return undefined
  const { expression } = node.parent as ts.CallExpression
  // `forEach` lets go of what its function returns.
  const isForEach = ts.isPropertyAccessExpression(expression) && expression.name.text === 'forEach'
  return isForEach ? (node.body as ts.Expression) : undefined
}

function isChain({ operatorToken }: ts.BinaryExpression): boolean {
  return [
    ts.SyntaxKind.AmpersandAmpersandToken,
    ts.SyntaxKind.BarBarToken,
    ts.SyntaxKind.QuestionQuestionToken,
    ts.SyntaxKind.CommaToken,
  ].includes(operatorToken.kind)
}
