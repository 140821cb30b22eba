/** Method names, each one string for the whole process: what is compared and counted all the time is then told apart by its address. */
import { codesOf, isToken, standsAt } from './chars.ts'

/** Those that a proxy meets; what it counts by method is counted by these. */
export const methods: readonly string[] = [
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'REGISTER',
  'MESSAGE',
  'INFO',
  'UPDATE',
  'PRACK',
  'SUBSCRIBE',
  'NOTIFY',
  'REFER',
  'PUBLISH',
]

const byLength = Array.from({ length: 10 }, (_, length) =>
  methods.filter((method) => method.length === length).map((method) => ({ method, codes: codesOf(method) })),
)

/** The method that stands there; undefined for what is none. */
export function methodAt(text: string, start: number, end: number): string | undefined {
  for (const { method, codes } of byLength[end - start] ?? []) if (standsAt(text, start, codes)) return method
  return isToken(text, start, end) ? text.slice(start, end) : undefined
}
