/** The names that routes are registered under, by a walk over syntax. */
import { ts } from 'ts-morph'
import { armedKinds, registrars, type ArmedKind } from './model.ts'
import { bare } from './read/syntax.ts'

export interface RouteNames {
  /** `undefined`: a name is computed, so any may be one. */
  kinds: Record<ArmedKind, readonly string[] | undefined>
  /** The project fills `Register` by itself. */
  declared: boolean
}

export function readNames(files: readonly ts.SourceFile[]): RouteNames {
  const found = Object.fromEntries(armedKinds.map((kind) => [kind, new Set<string | undefined>()])) as Record<
    ArmedKind,
    Set<string | undefined>
  >
  let declared = false
  for (const file of files) {
    const aliases = aliasesIn(file)
    const visit = (node: ts.Node): void => {
      if (ts.isModuleDeclaration(node) && declaresRegister(node)) declared = true
      if (ts.isCallExpression(node)) note(node, aliases, file)
      ts.forEachChild(node, visit)
    }
    visit(file)
  }
  const kinds = Object.fromEntries(armedKinds.map((kind) => [kind, sorted([...found[kind]])])) as RouteNames['kinds']
  return { kinds, declared }

  /** `onReply` with a handler alone has no name. */
  function note(call: ts.CallExpression, aliases: ReadonlyMap<string, string>, file: ts.SourceFile): void {
    const callee = ts.isPropertyAccessExpression(call.expression) ? call.expression.name : call.expression
    if (!ts.isIdentifier(callee) || call.arguments.length < 2) return
    const name = aliases.get(callee.text) ?? callee.text
    const kind = armedKinds.find((each) => registrars[each] === name)
    if (kind) found[kind].add(textOf(call.arguments[0]!, file))
  }
}

/** Undefined when one of them is not known. */
function sorted(names: readonly (string | undefined)[]): string[] | undefined {
  const known = names.filter((name) => name !== undefined)
  return known.length === names.length ? known.toSorted((a, b) => (a < b ? -1 : 1)) : undefined
}

/** `import { onFailure as failed }`. */
function aliasesIn(file: ts.SourceFile): Map<string, string> {
  const aliases = new Map<string, string>()
  for (const statement of file.statements) {
    const bindings = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : undefined
    if (!bindings || !ts.isNamedImports(bindings)) continue
    for (const { name, propertyName } of bindings.elements) if (propertyName) aliases.set(name.text, propertyName.text)
  }
  return aliases
}

/** A literal, or a constant of the same file. */
function textOf(node: ts.Expression, file: ts.SourceFile): string | undefined {
  const value = bare(node)
  if (ts.isStringLiteralLike(value)) return value.text
  if (!ts.isIdentifier(value)) return undefined
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement) || !(statement.declarationList.flags & ts.NodeFlags.Const)) continue
    for (const { name, initializer } of statement.declarationList.declarations)
      if (initializer && ts.isIdentifier(name) && name.text === value.text) return textOf(initializer, file)
  }
  return undefined
}

function declaresRegister({ name, body }: ts.ModuleDeclaration): boolean {
  if (name.text !== '@signalbox/dsl' || !body || !ts.isModuleBlock(body)) return false
  return body.statements.some((each) => ts.isInterfaceDeclaration(each) && each.name.text === 'Register')
}
