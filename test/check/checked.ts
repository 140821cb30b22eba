/** Checks route files, each as the only one of a project. The libraries are read once for all of them. */
import path from 'node:path'
import { findIn } from '../../packages/cli/src/check/check.ts'
import type { Finding } from '../../packages/cli/src/check/findings.ts'
import { createProject, openProject } from '../../packages/cli/src/check/project.ts'

/** The first check reads a compiler's libraries. */
export const COMPILER = 60_000

/** Below this file, so that packages are found; nothing is written there. */
const root = path.join(import.meta.dirname, 'nowhere')
const routes = path.join(root, 'routes/main.ts')
const project = createProject(root)

export function checked(text: string): Finding[] {
  project.createSourceFile(routes, text, { overwrite: true })
  return findIn(openProject({ root, routes }, project), root)
}

/** `id line` of each. */
export function spots(findings: readonly Finding[]): string[] {
  return findings.map(({ id, line }) => `${id} ${line}`)
}
