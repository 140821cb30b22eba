/** What a check finds. Errors make the exit code 1, warnings do not. */
import type { Problem } from '@signalbox/core/build'

export type Severity = 'error' | 'warning'

export interface Finding extends Problem {
  /** The rule's, or TypeScript's such as `TS2345`. */
  code: string
  /** The rule's; where TypeScript found what a rule is about, that rule's. */
  id: string
  severity: Severity
  /** The rule's page, from the root of the repository. */
  page?: string
}

export interface CheckRequest {
  /** The project's folder, absolute. */
  root: string
  /** The route file, absolute. */
  routes: string
}

export function errorsAmong(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ severity }) => severity === 'error')
}

/** By file and place; what has no place comes first. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  return findings.toSorted(
    (a, b) =>
      (a.file ?? '').localeCompare(b.file ?? '') || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  )
}
