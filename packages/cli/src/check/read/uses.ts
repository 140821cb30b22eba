/** What becomes of the value of an expression. */
import { ts } from 'ts-morph'

/** `dropped`: nobody looks. `tested`, `kept` in a variable, `returned`: it can be followed. */
export type Use = 'dropped' | 'tested' | 'kept' | 'returned' | 'elsewhere'

export function useOf(node: ts.Node): Use {
  const { parent } = node
  if (ts.isExpressionStatement(parent) || ts.isVoidExpression(parent)) return 'dropped'
  if (ts.isParenthesizedExpression(parent) || ts.isAsExpression(parent) || ts.isNonNullExpression(parent))
    return useOf(parent)
  if (ts.isSatisfiesExpression(parent) || ts.isAwaitExpression(parent)) return useOf(parent)
  if (ts.isReturnStatement(parent) || (ts.isArrowFunction(parent) && parent.body === node)) return 'returned'
  if (ts.isVariableDeclaration(parent)) return ts.isIdentifier(parent.name) ? 'kept' : 'elsewhere'
  if (ts.isPrefixUnaryExpression(parent))
    return parent.operator === ts.SyntaxKind.ExclamationToken ? 'tested' : 'elsewhere'
  if (ts.isConditionalExpression(parent)) return parent.condition === node ? 'tested' : useOf(parent)
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent) || ts.isDoStatement(parent)) return 'tested'
  return ts.isBinaryExpression(parent) ? useIn(parent, node) : 'elsewhere'
}

function useIn(parent: ts.BinaryExpression, node: ts.Node): Use {
  const operator = parent.operatorToken.kind
  if (operator === ts.SyntaxKind.EqualsToken) return ts.isIdentifier(parent.left) ? 'kept' : 'elsewhere'
  if (operator === ts.SyntaxKind.AmpersandAmpersandToken || operator === ts.SyntaxKind.BarBarToken)
    return parent.left === node ? 'tested' : useOf(parent)
  if (operator === ts.SyntaxKind.CommaToken) return parent.left === node ? 'dropped' : useOf(parent)
  const isComparison = comparisons.has(operator)
  return isComparison && [parent.left, parent.right].some((side) => isLiteral(side)) ? 'tested' : 'elsewhere'
}

export const comparisons = new Set<ts.SyntaxKind>([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
])

function isLiteral(node: ts.Expression): boolean {
  return ts.isLiteralExpression(node) || [ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword].includes(node.kind)
}
