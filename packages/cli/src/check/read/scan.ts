/** Looks through every node of the routes once: registrations, actions, who names whom, promises that nobody awaits, secrets. */
import { isBuiltin } from 'node:module'
import { ts } from 'ts-morph'
import { armedKinds, registrars, type Action, type HandlerKind, type Place, type Unit } from '../model.ts'
import type { Actions } from './actions.ts'
import type { Dsl } from './dsl.ts'
import { floatingIn } from './floating.ts'
import { symbolOf } from './functions.ts'
import { placeOf } from './places.ts'
import { secretIn } from './secrets.ts'

const kinds = new Map(Object.entries(registrars).map(([kind, name]) => [name, kind as HandlerKind]))

export interface Registration {
  kind: HandlerKind
  name: string | undefined
  place: Place
  handler: ts.Expression
  unit: number
  within: number | undefined
  deferred: boolean
}

export interface Scan {
  registrations: Registration[]
  units: Map<number, Unit>
  atTop: Set<number>
  atLoad: Set<number>
  lacksRequest: boolean
  floating: { place: Place; what: string }[]
  secrets: { place: Place; key: string }[]
  mentioned: Set<string>
}

interface OpenUnit extends Unit {
  names: Set<number>
  actions: Action[]
}

export function scan(files: readonly ts.SourceFile[], dsl: Dsl, actions: Actions): Scan {
  const { units, unitOf } = createUnits()
  const found: Scan = {
    registrations: [],
    units,
    atTop: new Set(),
    atLoad: new Set(),
    lacksRequest: !files.some(({ statements }) => statements.some((each) => mayRegister(each, files, dsl))),
    floating: [],
    secrets: [],
    mentioned: new Set(),
  }
  for (const file of files) for (const statement of file.statements) visitTop(statement)
  for (const id of found.atTop) found.atLoad.add(id)
  return found

  function visitTop(statement: ts.Statement): void {
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.forEach((each) => visitVariable(each, each.initializer))
    if (!ts.isFunctionDeclaration(statement) && !ts.isClassDeclaration(statement)) return visit(statement, undefined)
    const unit = unitOf(statement, statement.name?.text ?? 'default')
    ts.forEachChild(statement, (child) => visit(child, isStatic(child) ? undefined : unit))
  }

  function visitVariable(declaration: ts.VariableDeclaration, value: ts.Node | undefined): void {
    const unit = unitOf(declaration, declaration.name.getText())
    if (!value || !isFunction(value)) found.atLoad.add(unit.id)
    visit(declaration, unit)
  }

  function visit(node: ts.Node, unit: OpenUnit | undefined): void {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node)) return
    if (ts.isIdentifier(node)) return noteName(node, unit)
    if (ts.isStringLiteralLike(node)) found.mentioned.add(node.text)
    const secret = secretIn(node)
    if (secret) found.secrets.push(secret)
    const floating = floatingIn(node, dsl)
    if (floating) found.floating.push(floating)
    if (ts.isCallExpression(node)) {
      const action = actions.of(node)
      if (action && unit) unit.actions.push(action)
      if (register(node, unit)) return
    }
    ts.forEachChild(node, (child) => visit(child, unit))
  }

  /** Its handler is a unit of its own; its name is where it is registered, and no mention. */
  function register(call: ts.CallExpression, around: OpenUnit | undefined): boolean {
    const symbol = registrarOf(call.expression, dsl)
    const kind = kindOf(symbol, dsl)
    const handler = call.arguments.at(-1)
    if (kind === undefined || handler === undefined) return false
    const name = nameOf(kind, call, dsl)
    const unit = unitOf(call, `${symbol!.name}${name ? ` ${name}` : ''}`)
    if (kind === 'request') found.lacksRequest = false
    const where = { place: placeOf(call.expression), within: around?.id, deferred: isDeferred(call) }
    found.registrations.push({ kind, name, handler, unit: unit.id, ...where })
    visit(handler, unit)
    return true
  }

  /** A handle that is named is a mention of its route. */
  function noteName(node: ts.Identifier, unit: OpenUnit | undefined): void {
    const symbol = symbolOf(node, dsl.checker)
    // Handed on: who gets it may register one.
    if (kindOf(symbol, dsl) === 'request') found.lacksRequest = false
    const declaration = symbol?.declarations?.find((each) => isAtTop(each, files))
    const name = declaration && ts.getNameOfDeclaration(declaration)
    if (declaration === undefined || name === node) return
    const { id } = unitOf(declaration, name?.getText() ?? 'default')
    if (unit === undefined) found.atTop.add(id)
    else if (unit.id !== id) unit.names.add(id)
    const handle = dsl.checker.getTypeAtLocation(node).getProperty('name')
    const type = handle && dsl.isA(node, 'RouteHandle') ? dsl.checker.getTypeOfSymbol(handle) : undefined
    if (type?.isStringLiteral()) found.mentioned.add(type.value)
  }
}

/** Each node is a unit once, by whatever way it is come upon. */
function createUnits() {
  const units = new Map<number, OpenUnit>()
  const ids = new Map<ts.Node, number>()
  return { units, unitOf }

  function unitOf(node: ts.Node, name: string): OpenUnit {
    const id = ids.get(node) ?? ids.size + 1
    ids.set(node, id)
    const unit = units.get(id) ?? { id, name, place: placeOf(node), names: new Set(), actions: [] }
    units.set(id, unit)
    return unit
  }
}

/** A package may register routes, as the project's own files do. */
function mayRegister(statement: ts.Statement, files: readonly ts.SourceFile[], dsl: Dsl): boolean {
  if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return false
  const { moduleSpecifier } = statement
  if (!moduleSpecifier || !ts.isStringLiteral(moduleSpecifier)) return false
  if (isBuiltin(moduleSpecifier.text) || moduleSpecifier.text.startsWith('@signalbox/')) return false
  const declarations = dsl.checker.getSymbolAtLocation(moduleSpecifier)?.declarations ?? []
  return !declarations.some((each) => ts.isSourceFile(each) && files.includes(each))
}

const laterOn = new Set(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'nextTick', 'then', 'finally'])

/** Whether it stands in what a timer, or a promise, calls. */
function isDeferred(registration: ts.Node): boolean {
  const late = ts.findAncestor(registration, (node) => {
    if (!isFunction(node) || !ts.isCallExpression(node.parent)) return false
    const name = nameOfCallee(node.parent.expression)
    return laterOn.has(ts.isStringLiteralLike(name) ? name.text : name.getText())
  })
  return late !== undefined
}

/** What of a class runs where it stands. */
function isStatic(node: ts.Node): boolean {
  if (ts.isClassStaticBlockDeclaration(node)) return true
  return (
    ts.isPropertyDeclaration(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword)
  )
}

function isFunction(node: ts.Node): boolean {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node)
}

function nameOfCallee(callee: ts.Expression): ts.Node {
  if (ts.isElementAccessExpression(callee)) return callee.argumentExpression
  return ts.isPropertyAccessExpression(callee) ? callee.name : callee
}

/** By its name, or by its type where it has another one, or a variable of the routes has its. */
function registrarOf(callee: ts.Expression, dsl: Dsl): ts.Symbol | undefined {
  const named = symbolOf(nameOfCallee(callee), dsl.checker)
  return kindOf(named, dsl) === undefined ? dsl.checker.getTypeAtLocation(callee).symbol : named
}

function nameOf(kind: HandlerKind, { arguments: [first, second] }: ts.CallExpression, dsl: Dsl): string | undefined {
  if (!first || !second) return ''
  if (!(armedKinds as readonly string[]).includes(kind) && kind !== 'event') return ''
  const type = dsl.checker.getTypeAtLocation(first)
  return type.isStringLiteral() ? type.value : undefined
}

function kindOf(symbol: ts.Symbol | undefined, dsl: Dsl): HandlerKind | undefined {
  const kind = symbol && kinds.get(symbol.name)
  return kind !== undefined && symbol?.declarations?.some((each) => dsl.isOwn(each)) ? kind : undefined
}

function isAtTop(node: ts.Declaration, files: readonly ts.SourceFile[]): boolean {
  if (!files.includes(node.getSourceFile())) return false
  if (ts.isVariableDeclaration(node)) return ts.isSourceFile(node.parent.parent.parent)
  return (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) && ts.isSourceFile(node.parent)
}
