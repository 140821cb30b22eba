/**
 * From a template to a text with `?` in it and the values to bind. This is the only place where the text of a statement comes from, and a
 * value never gets into it.
 */
import type { SqlValue } from '@signalbox/dsl'
import { SignalboxError } from '../errors.ts'
import type { Bound } from './database.ts'

/** A template is the same object each time its line runs, so its text is looked at once. */
const texts = new WeakMap<TemplateStringsArray, string>()

const MIN = -(2n ** 63n)
const MAX = 2n ** 63n - 1n

/** Literals and comments, in which `?` and `;` mean nothing. */
const opaque = /'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"|`[^`]*`|--[^\n]*|\/\*[^]*?\*\//g

/** Throws `BAD_SQL`. */
export function textOf(template: TemplateStringsArray): string {
  if (!Array.isArray(template) || !Array.isArray(template.raw))
    throw badSql('sql takes a template and no string: sql`select … where a = ${value}`, so that values are bound')
  const known = texts.get(template)
  if (known !== undefined) return known
  refuseStray(template.join(' '))
  const text = template.join('?')
  texts.set(template, text)
  return text
}

/** A parameter without a value would be null in one store and an error in the other; of two statements SQLite would run the first. */
function refuseStray(template: string): void {
  const code = template.replace(opaque, ' ')
  if (code.includes('?')) throw badSql('a ? in a statement has no value: write ${value} in its place')
  const isTrigger = /^\s*create\s+(?:temp\w*\s+)?trigger\b/i.test(code)
  if (!isTrigger && /;\s*[^\s;]/.test(code)) throw badSql('one statement at a time')
}

/** Throws `BAD_SQL`. `position` counts from 1. */
export function bound(value: SqlValue, position: number): Bound {
  if (typeof value === 'string' || value === null || value instanceof Uint8Array) return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'bigint' && value >= MIN && value <= MAX) return value
  if (value instanceof Date && !Number.isNaN(value.getTime())) return timestamp(value)
  throw badSql(
    `value ${position} of the statement is ${described(value)}: a string, a number, a bigint within 64 bits, a boolean, null, a Date or a Uint8Array can be bound`,
  )
}

/** As Kamailio's tables hold it: whole seconds. */
function timestamp(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ')
}

/** Never the value itself, which may be a secret. */
function described(value: unknown): string {
  if (value instanceof Date) return 'a Date without a time'
  if (typeof value === 'number' || value === undefined) return String(value)
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function badSql(message: string): SignalboxError {
  return new SignalboxError('BAD_SQL', message)
}
