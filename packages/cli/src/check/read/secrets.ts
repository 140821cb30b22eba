/** Passwords and the like that stand in the source. */
import { ts } from 'ts-morph'
import type { Place } from '../model.ts'
import { placeOf } from './places.ts'
import { bare } from './syntax.ts'

const secret = /^(auth_?|restore_?)?(password|passwd|secret|ha1|api_?key)$/i

export function secretIn(node: ts.Node): { place: Place; key: string } | undefined {
  const named = ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)
  if (!named || !ts.isPropertyName(node.name) || ts.isComputedPropertyName(node.name)) return undefined
  const key = node.name.text
  const value = node.initializer && textWithin(node.initializer)
  return value && secret.test(key) ? { place: placeOf(value), key } : undefined
}

/** `ha1` may be an object of hashes. */
function textWithin(node: ts.Expression): ts.Node | undefined {
  const value = bare(node)
  if (ts.isStringLiteralLike(value)) return value.text === '' ? undefined : value
  if (!ts.isObjectLiteralExpression(value)) return undefined
  for (const property of value.properties) {
    const text = ts.isPropertyAssignment(property) && textWithin(property.initializer)
    if (text) return text
  }
  return undefined
}
