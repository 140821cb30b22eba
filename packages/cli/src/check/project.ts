/** A project's sources as ts-morph has them: its own tsconfig.json or strict options, its config, routes and tests, and the register. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { SignalboxError, type Problem } from '@signalbox/core/build'
import { Project, ts } from 'ts-morph'
import { optionsWithFallbacks, strictOptions } from './compiler-options.ts'
import type { CheckRequest } from './findings.ts'
import { readNames, type RouteNames } from './names.ts'
import { registerFile, registerText } from './register-text.ts'
import { routeFiles } from './route-files.ts'

const sources = ['signalbox.config.ts', 'routes/**/*.ts', 'test/**/*.ts']

export interface OpenProject {
  project: Project
  /** What the route file reaches, itself first. */
  files: readonly ts.SourceFile[]
  names: RouteNames
}

/** Give it a project of the same folder to have the libraries read once for several checks. */
export function openProject({ root, routes }: CheckRequest, project = createProject(root)): OpenProject {
  project.addSourceFilesAtPaths(sources.map((pattern) => path.join(root, pattern)))
  const files = routeFiles(project, routes)
  const names = readNames(files)
  // Also for a project whose own tsconfig.json does not include it.
  project.createSourceFile(registerFile(root), registerText(names), { overwrite: true })
  return { project, files, names }
}

export function createProject(root: string): Project {
  const file = path.join(root, 'tsconfig.json')
  const own = existsSync(file)
  if (own) refuseUnreadable(file)
  const project = new Project(own ? { tsConfigFilePath: file } : { compilerOptions: strictOptions })
  project.compilerOptions.set(optionsWithFallbacks(project.compilerOptions.get(), root))
  return project
}

/** ts-morph would throw it without a place. */
function refuseUnreadable(name: string): void {
  const { error } = ts.readConfigFile(name, (file) => ts.sys.readFile(file))
  if (error === undefined) return
  const text = ts.flattenDiagnosticMessageText(error.messageText, ' ')
  throw new SignalboxError('PROJECT', text, [{ text, file: name, ...placeIn(error) }])
}

function placeIn({ file, start }: ts.Diagnostic): Pick<Problem, 'line' | 'column' | 'lineText'> {
  if (file === undefined || start === undefined) return {}
  const { line, character } = file.getLineAndCharacterOfPosition(start)
  return { line: line + 1, column: character + 1, lineText: file.text.split('\n')[line]?.trimEnd() ?? '' }
}
