/** What `build` and `reload` do before anything leaves: refuse on an error, and say what else was found. */
import { SignalboxError } from '@signalbox/core/build'
import { complainAbout, progress } from '../output.ts'
import { configFindings } from './config-findings.ts'
import { errorsAmong, type CheckRequest, type Finding } from './findings.ts'

/** Throws `TYPES`. */
export async function requireCheck(request: CheckRequest): Promise<void> {
  const findings = await check(request)
  if (errorsAmong(findings).length > 0) throw new SignalboxError('TYPES', 'the routes have mistakes', findings)
  complainAbout(findings)
}

export async function check(request: CheckRequest): Promise<Finding[]> {
  return progress('checking', async () => {
    const { checkProject } = await import('./check.ts')
    return [...(await configFindings(request.root)), ...(await checkProject(request))]
  })
}
