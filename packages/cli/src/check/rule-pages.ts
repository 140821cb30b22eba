/** The pages of the rules: packed with this package, or the repository's own. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { nearest, SignalboxError } from '@signalbox/core/build'
import { rules } from './rules/rules.ts'

const ids = [...rules.map(({ id }) => id), 'waiver']

export function rulePage(id: string): string {
  if (!ids.includes(id)) throw unknownRule(id)
  const candidates = ['../..', '../../../..'].map((to) => new URL(`${to}/docs/rules/${id}.md`, import.meta.url))
  const found = candidates.map((url) => fileURLToPath(url)).find((file) => existsSync(file))
  return found === undefined ? '' : readFileSync(found, 'utf8')
}

function unknownRule(id: string): SignalboxError {
  const text = `there is no rule "${id}"; there is ${ids.join(', ')}`
  const meant = nearest(id, ids)
  const why = /^TS\d+$/.test(id) ? 'it is an error of TypeScript' : meant && `did you mean "${meant}"?`
  return new SignalboxError('PROJECT', text, [{ text, ...(why && { hint: why }) }])
}
