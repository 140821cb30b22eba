/** The first value of a list header and those behind it, read where they stand: most lists are asked for nothing else. */
import { endOutside, isBlank, splitOutside, trim, unfold } from './chars.ts'
import type { Field } from './field.ts'

/** Where the first value of a list begins. Empty ones are none, here as in `values`. */
export function startOfFirst(text: string, from: number, to: number): number {
  let at = from
  while (at < to && (text.charCodeAt(at) === 0x2c || isBlank(text.charCodeAt(at)))) at++
  return at
}

/** Where the value that begins there ends. */
export function endOfFirst(text: string, from: number, to: number): number {
  const comma = text.indexOf(',', from)
  if (comma < 0 || comma >= to) return to
  const quote = text.indexOf('"', from)
  const angle = text.indexOf('<', from)
  const isPlain = (quote < 0 || quote > comma) && (angle < 0 || angle > comma)
  return isPlain ? comma : endOutside(text, from, ',', to)
}

export function firstOf(list: string): string {
  const start = startOfFirst(list, 0, list.length)
  return trim(list, start, endOfFirst(list, start, list.length))
}

/** Where the second value of a list begins: where the field ends when there is none. */
export function startOfSecond({ text, valueAt, end }: Field): number {
  const behind = endOfFirst(text, startOfFirst(text, valueAt, end), end)
  return behind === end ? end : startOfFirst(text, behind + 1, end)
}

/** The values of a list from there on, with one comma between them. */
export function valuesFrom({ text, end }: Field, start: number): string {
  const rest = unfold(trim(text, start, end))
  return rest.includes(',')
    ? splitOutside(rest, ',')
        .filter((part) => part !== '')
        .join(', ')
    : rest
}
