/** What is known of a value: see `Value`. */
import type { Value } from '../model.ts'

export const UNKNOWN: Value = '?'
export const UNDEFINED: Value = '=undefined'
export const TRUE: Value = '=true'
export const FALSE: Value = '=false'

const falsy = new Set(['-', FALSE, UNDEFINED, '=null', '=0', '=""'])

export function truthOf(value: Value): boolean | undefined {
  return value === UNKNOWN ? undefined : !falsy.has(value)
}

/** Whether they are equal, by `===` or, loosely, by `==`. `right` is known exactly. */
export function equal(left: Value, right: Value, loose: boolean): boolean | undefined {
  if (loose && isNullish(right)) return left.startsWith('=') ? isNullish(left) : left === '+' ? false : undefined
  if (left.startsWith('=')) return left === right
  const truth = truthOf(left)
  return truth !== undefined && truth !== truthOf(right) ? false : undefined
}

export function isNullish(value: Value): boolean {
  return value === UNDEFINED || value === '=null'
}
