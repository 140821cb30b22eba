/** Where nodes stand. */
import type { ts } from 'ts-morph'
import type { Place } from '../model.ts'

export function placeOf(node: ts.Node): Place {
  const file = node.getSourceFile()
  return placeAt(file, node.getStart(file), node.getEnd())
}

/** Its first word, such as `catch`. */
export function wordOf(node: ts.Node): Place {
  return { ...placeOf(node), length: node.getFirstToken()?.getWidth() ?? 1 }
}

function placeAt(file: ts.SourceFile, start: number, end: number): Place {
  const { line, character } = file.getLineAndCharacterOfPosition(start)
  return { file: file.fileName, line: line + 1, column: character + 1, length: end - start }
}
