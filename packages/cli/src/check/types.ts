/** Type errors in a project's own files. */
import path from 'node:path'
import { ts, type Diagnostic } from 'ts-morph'
import type { Finding } from './findings.ts'
import type { OpenProject } from './project.ts'

export function typeErrors({ project }: OpenProject, root: string): Finding[] {
  const diagnostics = [...project.getConfigFileParsingDiagnostics(), ...project.getPreEmitDiagnostics()]
  return diagnostics.filter((diagnostic) => concerns(diagnostic, root)).map(findingOf)
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
  const finding: Finding = {
    code: `TS${code}`,
    id: `TS${code}`,
    severity: 'error',
    text: ts.flattenDiagnosticMessageText(messageText, '\n  '),
  }
  if (!file || start === undefined) return finding
  const { line, character } = file.getLineAndCharacterOfPosition(start)
  const lineText = file.text.split('\n')[line]?.trimEnd() ?? ''
  return { ...finding, file: file.fileName, line: line + 1, column: character + 1, lineText, length: length ?? 1 }
}
