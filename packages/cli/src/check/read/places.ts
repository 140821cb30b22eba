/** Where nodes stand. */
import type { ts } from 'ts-morph'
import type { Place } from '../model.ts'

export function placeOf(node: ts.Node): Place {
  const file = node.getSourceFile()
  return placeAt(file, node.getStart(file), node.getEnd())
}

/** The last character of it. */
export function endOf(node: ts.Node): Place {
  return placeAt(node.getSourceFile(), node.getEnd() - 1, node.getEnd())
}

function placeAt(file: ts.SourceFile, start: number, end: number): Place {
  const { line, character } = file.getLineAndCharacterOfPosition(start)
  return { file: file.fileName, line: line + 1, column: character + 1, length: end - start }
}
