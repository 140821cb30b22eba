/**
 * Tells by its type what an expression is to a route: an action, `uac.auth`, something that carries actions. Names do not matter, so an
 * alias, a destructured parameter and a context handed on are all the same.
 */
import { ts } from 'ts-morph'

export type DslFunction =
  | 'relay'
  | 'fork'
  | 'reply'
  | 'redirect'
  | 'drop'
  | 'uac.send'
  | 'sql'
  | 'registrar.save'
  | 'registrar.lookup'
  | 'uac.auth'
  | 'uac.replaceFrom'
  | 'uac.replaceTo'
  | 'uac.reg.requestTo'

/** Types of their own, and methods of an interface. */
const aliases: Record<string, DslFunction> = {
  Relay: 'relay',
  Fork: 'fork',
  Reply: 'reply',
  Redirect: 'redirect',
  Drop: 'drop',
  Send: 'uac.send',
  Sql: 'sql',
}
const methods: Record<string, DslFunction> = {
  'Registrar.save': 'registrar.save',
  'Registrar.lookup': 'registrar.lookup',
  'UacAuth.auth': 'uac.auth',
  'UacReplace.replaceFrom': 'uac.replaceFrom',
  'UacReplace.replaceTo': 'uac.replaceTo',
  'RegistrationRequests.requestTo': 'uac.reg.requestTo',
}

/** Who holds one of these can act, or change what a path is judged by. */
const carriers = ['relay', 'fork', 'reply', 'redirect', 'drop', 'registrar', 'save', 'auth', 'uac'] as const
const judged = new Set<DslFunction | undefined>([
  'relay',
  'fork',
  'reply',
  'redirect',
  'drop',
  'registrar.save',
  'uac.auth',
])

export interface Dsl {
  checker: ts.TypeChecker
  /** What a call of this expression is. */
  functionOf: (callee: ts.Expression) => DslFunction | undefined
  /** Whether actions, or `uac.auth`, can be got at through it. */
  carries: (expression: ts.Expression) => boolean
  /** Whether it is the context of some handler. */
  isContext: (expression: ts.Expression) => boolean
  /** Whether it stands in the dsl's own declarations. */
  isOwn: (declaration: ts.Node) => boolean
  /** Whether it is of that interface. */
  isA: (node: ts.Node, name: string) => boolean
}

/** `folder` is where the dsl's own declarations are. */
export function createDsl(checker: ts.TypeChecker, folder: string): Dsl {
  const known = new Map<ts.Type, boolean>()
  return {
    checker,
    functionOf: (callee) => functionOfType(typeOf(callee)),
    isContext: (expression) =>
      symbolsOf(typeOf(expression)).some((symbol) => symbol.name.endsWith('Context') && isDsl(symbol)),
    isOwn: (declaration) => declaration.getSourceFile().fileName.startsWith(folder),
    carries: (expression) => carriesType(typeOf(expression), 0),
    isA: (node, name) => symbolsOf(typeOf(node)).some((symbol) => symbol.name === name && isDsl(symbol)),
  }

  function typeOf(node: ts.Node): ts.Type {
    return checker.getNonNullableType(checker.getTypeAtLocation(node))
  }

  /** Those of an intersection, each. */
  function symbolsOf(type: ts.Type): ts.Symbol[] {
    if (type.isIntersection()) return type.types.flatMap((each) => symbolsOf(each))
    const symbol = type.symbol as ts.Symbol | undefined
    return symbol ? [symbol] : []
  }

  function isDsl(symbol: ts.Symbol): boolean {
    return symbol.declarations?.some((each) => each.getSourceFile().fileName.startsWith(folder)) ?? false
  }

  function functionOfType(type: ts.Type): DslFunction | undefined {
    const { aliasSymbol } = type
    if (aliasSymbol && Object.hasOwn(aliases, aliasSymbol.name) && isDsl(aliasSymbol)) return aliases[aliasSymbol.name]
    const symbol = type.symbol as ts.Symbol | undefined
    // A module stands in nothing.
    const owner = symbol?.declarations?.[0]?.parent as ts.Node | undefined
    if (!symbol || !owner || !ts.isInterfaceDeclaration(owner) || !isDsl(symbol)) return undefined
    return methods[`${owner.name.text}.${symbol.name}`]
  }

  function carriesType(type: ts.Type, depth: number): boolean {
    const remembered = known.get(type)
    if (remembered !== undefined) return remembered
    const found = judged.has(functionOfType(type)) || (depth < 3 && hasCarrier(type, depth))
    known.set(type, found)
    return found
  }

  function hasCarrier(type: ts.Type, depth: number): boolean {
    if (type.isUnion()) return type.types.some((each) => carriesType(each, depth))
    if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) return false
    return carriers.some((name) => {
      const property = type.getProperty(name)
      return property !== undefined && carriesType(checker.getTypeOfSymbol(property), depth + 1)
    })
  }
}
