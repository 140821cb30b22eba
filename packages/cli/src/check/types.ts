/** Type errors in a project's own files. */
import path from 'node:path'
import { ts, type Diagnostic } from 'ts-morph'
import { createAdvice, type Advise } from './advise-on-types.ts'
import type { Finding } from './findings.ts'
import type { OpenProject } from './project.ts'

export function typeErrors(open: OpenProject, root: string): Finding[] {
  const { project } = open
  const all = [...project.getConfigFileParsingDiagnostics(), ...project.getPreEmitDiagnostics()]
  const diagnostics = all.filter((diagnostic) => concerns(diagnostic, root))
  if (diagnostics.length === 0) return []
  const advise = createAdvice(open)
  // What is wrong in a tsconfig.json is told by both.
  const findings = new Map(diagnostics.map((each) => [placeAndText(each), findingOf(each, advise)]))
  return withoutEchoes([...findings.values()])
}

function placeAndText({ compilerObject: { file, start, messageText } }: Diagnostic): string {
  return [file?.fileName, start, ts.flattenDiagnosticMessageText(messageText, '\n')].join()
}

/** A name that means something else than it says, or nothing. */
const unresolved = ['TS2304', 'TS2305', 'TS2307', 'TS2339', 'TS2551', 'TS2552', 'TS2724']

export function isUnresolved({ code }: Finding): boolean {
  return unresolved.includes(code)
}

const implicitAny = ['TS7006', 'TS7031']

/** What is called by a name that means nothing has parameters without types: that goes with it. */
function withoutEchoes(findings: readonly Finding[]): Finding[] {
  return findings.filter(
    ({ code, file, line }) =>
      !implicitAny.includes(code) ||
      !findings.some((each) => each.file === file && each.line === line && isUnresolved(each)),
  )
}

/** What is wrong in somebody else's package is not this project's to mend. */
function concerns(diagnostic: Diagnostic, root: string): boolean {
  const file = diagnostic.getSourceFile()?.getFilePath()
  if (diagnostic.getCategory() !== ts.DiagnosticCategory.Error) return false
  if (file === undefined) return true
  const relative = path.relative(root, file)
  return !relative.startsWith('..') && !relative.split(path.sep).includes('node_modules')
}

function findingOf(diagnostic: Diagnostic, advise: Advise): Finding {
  const { file, start, length, code, messageText } = diagnostic.compilerObject
  const hint = advise(diagnostic)
  const finding: Finding = {
    code: `TS${code}`,
    id: `TS${code}`,
    severity: 'error',
    text: ts.flattenDiagnosticMessageText(messageText, '\n  '),
    ...(hint !== undefined && { hint }),
  }
  if (!file || start === undefined) return finding
  const { line, character } = file.getLineAndCharacterOfPosition(start)
  const lineText = file.text.split('\n')[line]?.trimEnd() ?? ''
  return { ...finding, file: file.fileName, line: line + 1, column: character + 1, lineText, length: length ?? 1 }
}
