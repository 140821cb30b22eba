/** Calls of actions, and what their options arm. */
import { ts } from 'ts-morph'
import { armedKinds, registrars, type Action, type ActionName, type ArmedKind, type Arming } from '../model.ts'
import type { Dsl, DslFunction } from './dsl.ts'
import { placeOf } from './places.ts'
import { bare } from './syntax.ts'

const names = new Set<DslFunction | undefined>(['relay', 'fork', 'reply', 'redirect', 'drop', 'registrar.save'])

export interface Actions {
  /** The same object for the same call. */
  of: (call: ts.CallExpression) => Action | undefined
}

export function createActions(dsl: Dsl): Actions {
  const known = new Map<ts.CallExpression, Action>()
  return { of }

  function of(call: ts.CallExpression): Action | undefined {
    const name = dsl.functionOf(call.expression)
    if (!names.has(name)) return undefined
    if (!known.has(call)) known.set(call, read(call, name as ActionName))
    return known.get(call)
  }

  function read(call: ts.CallExpression, name: ActionName): Action {
    const settings = name === 'relay' ? call.arguments[0] : name === 'fork' ? call.arguments[1] : undefined
    const given = settings && bare(settings)
    return {
      name,
      place: placeOf(call.expression),
      final: call.questionDotToken ? undefined : name === 'reply' ? isFinal(call.arguments[0]) : true,
      target: name === 'fork' ? textOf(call.arguments[0]) : textOf(valueIn(given, 'to')),
      status: name === 'reply' ? textOf(call.arguments[0]) : undefined,
      withoutRecordRoute: valueIn(given, 'recordRoute')?.kind === ts.SyntaxKind.FalseKeyword,
      withAuth: valueIn(given, 'auth') !== undefined,
      arms: given ? armingsIn(given) : [],
    }
  }

  function isFinal(status: ts.Expression | undefined): boolean | undefined {
    const type = status && dsl.checker.getTypeAtLocation(status)
    const types = type?.isUnion() ? type.types : type ? [type] : []
    const numbers = types.map((each) => (each.isNumberLiteral() ? each.value >= 200 : undefined))
    return numbers.length > 0 && numbers.every((each) => each === numbers[0]) ? numbers[0] : undefined
  }

  function armingsIn(given: ts.Expression): Arming[] {
    const type = dsl.checker.getTypeAtLocation(given)
    return armedKinds.flatMap((kind) => {
      const value = valueIn(given, registrars[kind])
      if (value) return [armed(kind, value)]
      const property = type.getProperty(registrars[kind])
      if (!property) return []
      const { names, computed } = namesOf(dsl.checker.getTypeOfSymbolAtLocation(property, given))
      return [{ kind, place: placeOf(given), names, computed }]
    })
  }

  function armed(kind: ArmedKind, value: ts.Expression): Arming {
    const literals = literalsIn(value)
    const byType = namesOf(dsl.checker.getTypeAtLocation(value))
    const names = literals ?? byType.names
    return { kind, place: placeOf(value), names, computed: literals === undefined && byType.computed }
  }

  /** Literals are taken as they stand: where they do not fit, their type is not theirs. Undefined: there is more than literals. */
  function literalsIn(value: ts.Expression): string[] | undefined {
    const node = bare(value)
    if (ts.isStringLiteralLike(node)) return [node.text]
    if (ts.isConditionalExpression(node)) {
      const [one, other] = [literalsIn(node.whenTrue), literalsIn(node.whenFalse)]
      return one && other && [...one, ...other]
    }
    if (!ts.isIdentifier(node)) return undefined
    if (node.text === 'undefined') return []
    const declaration = dsl.checker.getSymbolAtLocation(node)?.valueDeclaration
    const isFixed =
      declaration && ts.isVariableDeclaration(declaration) && ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const
    return isFixed && declaration.initializer ? literalsIn(declaration.initializer) : undefined
  }

  function namesOf(type: ts.Type): { names: string[]; computed: boolean } {
    const types = (type.isUnion() ? type.types : [type]).filter((each) => !(each.flags & ts.TypeFlags.Undefined))
    const names = types.map((each) => (each.isStringLiteral() ? each.value : nameOfHandle(each)))
    return { names: names.filter((name) => name !== undefined), computed: names.includes(undefined) }
  }

  function nameOfHandle(type: ts.Type): string | undefined {
    const name = type.getProperty('name')
    const ofName = name && dsl.checker.getTypeOfSymbol(name)
    return ofName?.isStringLiteral() ? ofName.value : undefined
  }
}

/** What an object literal says under a key. */
function valueIn(given: ts.Expression | undefined, key: string): ts.Expression | undefined {
  if (!given || !ts.isObjectLiteralExpression(given)) return undefined
  for (const property of given.properties) {
    if (ts.isShorthandPropertyAssignment(property) && property.name.text === key) return property.name
    if (ts.isPropertyAssignment(property) && ts.isPropertyName(property.name) && nameOf(property.name) === key)
      return bare(property.initializer)
  }
  return undefined
}

function nameOf(name: ts.PropertyName): string | undefined {
  if (ts.isComputedPropertyName(name)) return ts.isStringLiteralLike(name.expression) ? name.expression.text : undefined
  return ts.isPrivateIdentifier(name) || ts.isBigIntLiteral(name) ? undefined : name.text
}

function textOf(node: ts.Expression | undefined): string | undefined {
  return node?.getText().replaceAll(/\s+/g, ' ')
}
