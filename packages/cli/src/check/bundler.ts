/** What only the bundler finds: a top-level `await`, `import.meta`, a file that is no module; and what it doubts. */
import { buildBundle, SignalboxError, stopBuilder, type Problem } from '@signalbox/core/build'
import { problemsOf } from '../output.ts'
import type { CheckRequest, Finding, Severity } from './findings.ts'

const ID = 'BUILD'

/** The bundle itself is thrown away. */
export async function bundlerFindings(request: CheckRequest): Promise<Finding[]> {
  try {
    const { warnings = [] } = await buildBundle(request)
    return warnings.map((problem) => findingOf(problem, 'warning'))
  } catch (error) {
    if (!(error instanceof SignalboxError)) throw error
    return problemsOf(error).map((problem) => findingOf(problem, 'error'))
  } finally {
    await stopBuilder()
  }
}

function findingOf(problem: Problem, severity: Severity): Finding {
  return { ...problem, code: ID, id: ID, severity }
}
