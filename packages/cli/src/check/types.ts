/**
 * Type errors in a project's own files. The only place that knows ts-morph; it takes a second to load, so it is imported
 * where types are checked and nowhere in the proxy.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Problem } from '@signalbox/core/build'
import { Project, ts, type Diagnostic } from 'ts-morph'
import { optionsWithFallbacks, strictOptions } from './compiler-options.ts'

/** A type error; `code` is TypeScript's, such as `TS2345`. */
export interface Finding extends Problem {
  code: string
}

export interface CheckRequest {
  /** The project's folder, absolute. */
  root: string
  /** The route file, absolute. */
  routes: string
}

const sources = ['signalbox.config.ts', 'routes/**/*.ts', 'test/**/*.ts']

/** By the project's own tsconfig.json, or strictly without one. */
export function checkTypes({ root, routes }: CheckRequest): Finding[] {
  const project = openProject(root)
  project.addSourceFilesAtPaths(sources.map((pattern) => path.join(root, pattern)))
  if (existsSync(routes)) project.addSourceFileAtPath(routes)
  const diagnostics = [...project.getConfigFileParsingDiagnostics(), ...project.getPreEmitDiagnostics()]
  return diagnostics.filter((diagnostic) => concerns(diagnostic, root)).map(findingOf)
}

function openProject(root: string): Project {
  const file = path.join(root, 'tsconfig.json')
  const own = existsSync(file)
  const project = new Project(own ? { tsConfigFilePath: file } : { compilerOptions: strictOptions })
  project.compilerOptions.set(optionsWithFallbacks(project.compilerOptions.get(), root))
  return project
}

/** What is wrong in somebody else's package is not this project's to mend. */
function concerns(diagnostic: Diagnostic, root: string): boolean {
  const file = diagnostic.getSourceFile()?.getFilePath()
  if (diagnostic.getCategory() !== ts.DiagnosticCategory.Error) return false
  if (file === undefined) return true
  const relative = path.relative(root, file)
  return !relative.startsWith('..') && !relative.split(path.sep).includes('node_modules')
}

function findingOf(diagnostic: Diagnostic): Finding {
  const { file, start, length, code, messageText } = diagnostic.compilerObject
  const finding = { text: ts.flattenDiagnosticMessageText(messageText, '\n  '), code: `TS${code}` }
  if (!file || start === undefined) return finding
  const { line, character } = file.getLineAndCharacterOfPosition(start)
  const lineText = file.text.split('\n')[line]?.trimEnd() ?? ''
  return { ...finding, file: file.fileName, line: line + 1, column: character + 1, lineText, length: length ?? 1 }
}
