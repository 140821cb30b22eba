/** What a timer does comes after its handler has ended. */
import { ts } from 'ts-morph'
import { symbolOf } from './functions.ts'

const timers = new Set(['setTimeout', 'setInterval', 'setImmediate'])

/** A handler that awaits may still be there when the timer fires, and so may a promise that it makes. */
export function runsTooLate({ expression, arguments: [given] }: ts.CallExpression, checker: ts.TypeChecker): boolean {
  if (!ts.isIdentifier(expression) || !timers.has(expression.text) || !given || !isFunction(given)) return false
  const around = ts.findAncestor(expression, (node) => ts.isFunctionLike(node))
  if (!around || !isFunction(around) || !isRegistered(around)) return false
  const isAsync = ts.getCombinedModifierFlags(around) & ts.ModifierFlags.Async
  return !isAsync && symbolOf(expression, checker)?.declarations?.[0]?.getSourceFile().isDeclarationFile === true
}

function isRegistered({ parent }: ts.Node): boolean {
  return ts.isCallExpression(parent) && ts.isIdentifier(parent.expression) && parent.expression.text === 'onRequest'
}

function isFunction(node: ts.Node): node is ts.ArrowFunction | ts.FunctionExpression {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node)
}
