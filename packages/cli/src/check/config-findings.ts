/**
 * What a start would refuse of the config. Only the machine that it runs on has all variables: where the config asks for one that is not set here, what
 * is found may be no mistake, and is a warning.
 */
import { SignalboxError } from '@signalbox/core/build'
import { checkConfigFile } from '../project.ts'
import { problemsOf } from '../output.ts'
import type { Finding } from './findings.ts'

const ID = 'CONFIG'

export async function configFindings(dir: string): Promise<Finding[]> {
  const missed = new Set<string>()
  try {
    await checkConfigFile(dir, missed)
    return []
  } catch (error) {
    if (!(error instanceof SignalboxError)) throw error
    const [severity, why] =
      missed.size === 0
        ? (['error', ''] as const)
        : (['warning', `; the config asks for ${[...missed].join(', ')}, not set here`] as const)
    return problemsOf(error).map((problem) => ({ ...problem, text: problem.text + why, code: ID, id: ID, severity }))
  }
}
