/** A problem as text: where, what, the line with a caret under it, how to mend it. No colours. */
import type { Problem } from '../errors.ts'

/** A problem as text: place, message and the line with a mark below, then how to mend it. */
export function codeFrame({ text, file, line, column, lineText, length, hint }: Problem): string {
  const place = [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(':')
  const frame = [place ? `${place}: ${text}` : text]
  if (line !== undefined && lineText !== undefined) {
    const gutter = `${line} | `
    frame.push(`  ${gutter}${lineText}`)
    if (column !== undefined) frame.push(`  ${underline(gutter, lineText, column, length ?? 1)}`)
  }
  if (hint) frame.push(`  ${hint}`)
  return frame.join('\n')
}

/** Tabs are kept, so that the caret stands under its character however wide they are shown. */
function underline(gutter: string, lineText: string, column: number, length: number): string {
  const indent = lineText.slice(0, column - 1).replace(/[^\t]/g, ' ')
  const width = Math.max(1, Math.min(length, lineText.length - column + 1))
  return `${' '.repeat(gutter.length - 2)}| ${indent}${'^'.repeat(width)}`
}
