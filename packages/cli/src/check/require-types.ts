/** What `build` and `reload` do before anything leaves: refuse on a type error. */
import { SignalboxError } from '@signalbox/core/build'
import { progress } from '../output.ts'
import type { CheckRequest, Finding } from './types.ts'

/** Throws `TYPES`. */
export async function requireTypes(request: CheckRequest): Promise<void> {
  const findings = await findTypeErrors(request)
  if (findings.length > 0) throw new SignalboxError('TYPES', 'the types do not fit', findings)
}

export async function findTypeErrors(request: CheckRequest): Promise<Finding[]> {
  const done = progress('checking types')
  const { checkTypes } = await import('./types.ts')
  const findings = checkTypes(request)
  done()
  return findings
}
