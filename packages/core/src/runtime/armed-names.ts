/**
 * The names that a bundle arms: `relay({ onFailure: 'TRUNKAUTH' })`. Read from its code when it is loaded, so that a name that no route has
 * is refused before a call comes to it. Only literals are found; what is computed is looked up when it is used.
 */
import type { RouteKind } from '@signalbox/dsl/table'
import { getLineInfo, parse, type AnyNode, type CallExpression, type Program } from 'acorn'

export interface ArmedName {
  readonly kind: RouteKind
  readonly name: string
  /** Where it stands in the bundle; both count from 1. */
  readonly line: number
  readonly column: number
}

/** In the order of the code. Code that V8 takes and the parser does not arms nothing that can be known. */
export function armedNames(code: string): ArmedName[] {
  const program = parsed(code)
  if (program === undefined) return []
  const found = callsOf(program).filter(arms).flatMap(literalsOf)
  return found
    .sort((a, b) => a.at - b.at)
    .map(({ kind, name, at }) => {
      const { line, column } = getLineInfo(code, at)
      return { kind, name, line, column: column + 1 }
    })
}

/** As `vm.compileFunction` takes it: the body of a function. */
function parsed(code: string): Program | undefined {
  try {
    return parse(code, { ecmaVersion: 'latest', sourceType: 'script', allowReturnOutsideFunction: true })
  } catch {
    // V8 has the last word on what is a program: this one, or one nested too deeply for the parser, goes unchecked.
    return undefined
  }
}

/** With a stack of its own, since code may be nested deeper than calls may. */
function callsOf(program: Program): CallExpression[] {
  const calls: CallExpression[] = []
  const open: AnyNode[] = [program]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.type === 'CallExpression') calls.push(node)
    for (const value of Object.values(node) as unknown[]) {
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) if (isNode(child)) open.push(child)
    }
  }
  return calls
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** `relay(…)`, which esbuild may have renamed to `relay2` beside another, or `call.relay(…)`. */
function arms({ callee }: CallExpression): boolean {
  if (callee.type === 'Identifier') return /^(relay|fork)\d*$/.test(callee.name)
  if (callee.type !== 'MemberExpression') return false
  const { property } = callee
  const name = property.type === 'Identifier' && !callee.computed ? property.name : textOf(property)
  return name === 'relay' || name === 'fork'
}

const kinds = new Map<string, RouteKind>([
  ['onFailure', 'failure'],
  ['onBranchFailure', 'branchFailure'],
  ['onReply', 'reply'],
  ['onBranch', 'branch'],
])

interface Literal {
  readonly kind: RouteKind
  readonly name: string
  readonly at: number
}

function literalsOf(call: CallExpression): Literal[] {
  const options = call.arguments.filter((argument) => argument.type === 'ObjectExpression')
  return options.flatMap(({ properties }) => properties).flatMap(literalOf)
}

function literalOf(property: AnyNode): Literal[] {
  if (property.type !== 'Property') return []
  const { key, value, computed } = property
  const kind = kinds.get((key.type === 'Identifier' && !computed ? key.name : textOf(key)) ?? '')
  const name = textOf(value)
  return kind === undefined || name === undefined ? [] : [{ kind, name, at: value.start }]
}

/** What a string literal, or a template without substitutions, says. */
function textOf(node: AnyNode): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined
  if (node.type !== 'TemplateLiteral' || node.expressions.length > 0) return undefined
  return node.quasis[0]?.value.cooked ?? undefined
}
