/** Which function of the project an expression means. */
import { ts } from 'ts-morph'
import { bare } from './syntax.ts'

export type FunctionNode = ts.FunctionLikeDeclaration & { body: ts.ConciseBody }

/** Undefined when it cannot be told, or is not the project's own. */
export function resolveFunction(expression: ts.Expression, checker: ts.TypeChecker): FunctionNode | undefined {
  const node = bare(expression)
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return node
  if (!ts.isIdentifier(node) && !ts.isPropertyAccessExpression(node)) return undefined
  const symbol = symbolOf(node, checker)
  for (const declaration of symbol?.declarations ?? []) {
    // In JavaScript a parameter has no type, so that an action handed in is not known as one.
    if (declaration.flags & ts.NodeFlags.JavaScriptFile) continue
    const found = functionIn(declaration, checker)
    if (found) return found
  }
  return undefined
}

export function symbolOf(node: ts.Node, checker: ts.TypeChecker): ts.Symbol | undefined {
  const symbol =
    ts.isIdentifier(node) && ts.isShorthandPropertyAssignment(node.parent)
      ? checker.getShorthandAssignmentValueSymbol(node.parent)
      : checker.getSymbolAtLocation(node)
  return symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

function functionIn(declaration: ts.Declaration, checker: ts.TypeChecker): FunctionNode | undefined {
  if (ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration))
    return declaration.body && !isMany(declaration) ? (declaration as FunctionNode) : undefined
  if (ts.isVariableDeclaration(declaration) && !isConst(declaration)) return undefined
  if (ts.isPropertyDeclaration(declaration) && !(isReadonly(declaration) && !isMany(declaration))) return undefined
  if (
    ts.isVariableDeclaration(declaration) ||
    ts.isPropertyAssignment(declaration) ||
    ts.isPropertyDeclaration(declaration)
  ) {
    const value = declaration.initializer
    return value && resolveFunction(value, checker)
  }
  return ts.isShorthandPropertyAssignment(declaration) ? resolveFunction(declaration.name, checker) : undefined
}

/** A method of a class may be overridden, unless nobody else knows the class. */
function isMany({ parent }: ts.Declaration): boolean {
  if (!ts.isClassLike(parent)) return false
  const isOpen = !ts.isClassDeclaration(parent) || ts.getCombinedModifierFlags(parent) & ts.ModifierFlags.Export
  const { name } = parent
  if (isOpen || name === undefined) return true
  const extended = (node: ts.Node): boolean =>
    (ts.isClassLike(node) &&
      node !== parent &&
      (node.heritageClauses?.some((clause) => clause.getText().includes(name.text)) ?? false)) ||
    (ts.forEachChild(node, extended) ?? false)
  return extended(parent.getSourceFile())
}

function isReadonly(declaration: ts.PropertyDeclaration): boolean {
  return (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Readonly) !== 0
}

function isConst(declaration: ts.VariableDeclaration): boolean {
  return (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0
}
