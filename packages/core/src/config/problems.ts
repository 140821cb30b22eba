/**
 * What is wrong with a config, one sentence each: the key, what was expected, what was found. Secrets are never shown,
 * only what kind of value stood there.
 */
import type { z } from 'zod'
import type { Problem } from '../errors.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/** Where a value came from: the config file, or an environment variable that overrides a key of it. */
export interface Origin {
  file: string
  /** Key → the variable that set it. */
  overrides: ReadonlyMap<string, string>
}

const secret = /password|ha1|token|database|secret/i

export function problemsOf(issues: readonly Issue[], raw: unknown, origin: Origin): Problem[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? unknownKeys(issue, origin) : [unfit(issue, raw, origin)],
  )
}

function unknownKeys(issue: z.core.$ZodIssueUnrecognizedKeys, origin: Origin): Problem[] {
  const hints = issue.message.split('\n')
  return issue.keys.map((key, index) => ({
    text: `${keyPath([...issue.path, key])}: unknown key`,
    file: origin.file,
    hint: hints[index]!,
  }))
}

function unfit(issue: Issue, raw: unknown, origin: Origin): Problem {
  const { path, message } = innermost(issue)
  const key = keyPath(path)
  const variable = origin.overrides.get(key) ?? origin.overrides.get(String(path[0]))
  const expectation = `expected ${message}, found ${show(valueAt(raw, path), path)}`
  if (variable)
    return { text: `${variable}: ${expectation}`, hint: `correct the environment variable ${variable}, or unset it` }
  const text = key ? `${key}: ${expectation}` : `default export: ${expectation}`
  return {
    text,
    file: origin.file,
    hint: key ? `correct "${key}" in ${origin.file}` : 'export default defineConfig({ … })',
  }
}

/** An object that fits no alternative: the complaint about its keys says more than the one about the whole. */
function innermost(issue: Issue): { path: Path; message: string } {
  if (issue.code !== 'invalid_union') return issue
  const inner = issue.errors.flat().find((candidate) => candidate.path.length > 0)
  return inner ? { path: [...issue.path, ...inner.path], message: inner.message } : issue
}

/** `uac.credentials[0].realm` */
export function keyPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text ? `${text}.${String(part)}` : String(part)
  }, '')
}

function valueAt(raw: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    raw,
  )
}

function show(value: unknown, path: Path): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'object' || typeof value === 'function') return describe(value)
  if (path.some((part) => secret.test(String(part)))) return `${describe(value)} (not shown)`
  if (typeof value === 'string') return JSON.stringify(value)
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : describe(value)
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  return /^[aeiou]/.test(typeof value) ? `an ${typeof value}` : `a ${typeof value}`
}
