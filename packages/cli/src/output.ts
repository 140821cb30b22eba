/**
 * The one place that writes to the terminal. Results go to stdout, complaints and progress to stderr; colour and progress
 * only where a person looks at it.
 */
import path from 'node:path'
import { codeFrame, SignalboxError, type Problem } from '@signalbox/core/build'
import picocolors from 'picocolors'
import type { Finding } from './check/findings.ts'

const colours = (stream: NodeJS.WriteStream) => picocolors.createColors(stream.isTTY && !process.env.NO_COLOR)

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** What is printed next stands at the top, where a person looks at it. */
export function clearScreen(): void {
  if (process.stdout.isTTY) process.stdout.write('\u001B[H\u001B[J')
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2))
}

/** Something that went well: the first word in green. */
export function printGood(word: string, rest: string): void {
  print(`${colours(process.stdout).green(word)} ${rest}`)
}

export function complain(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Each problem as a code frame. What a check found says how bad it is, and which rule says so. */
export function complainAbout(problems: readonly (Problem | Finding)[]): void {
  const { red, yellow } = colours(process.stderr)
  for (const problem of problems) {
    const { severity = 'error', page, id } = problem as Partial<Finding>
    const colour = severity === 'error' ? red : yellow
    complain(`${colour(page === undefined ? severity : `${severity}[${id}]`)} ${codeFrame(withShortPath(problem))}\n`)
  }
}

/** `2 errors, 1 warning`. */
export function countOf(findings: readonly Finding[]): string {
  const counts = (['error', 'warning'] as const).map((severity) => {
    const { length } = findings.filter((finding) => finding.severity === severity)
    return length === 0 ? '' : `${length} ${severity}${length === 1 ? '' : 's'}`
  })
  return counts.filter((count) => count !== '').join(', ')
}

/** Problems where they are known, else the message; the stack of what should not happen. */
export function complainError(error: unknown): void {
  if (error instanceof SignalboxError) complainAbout(problemsOf(error))
  else complain(error instanceof Error ? (error.stack ?? error.message) : String(error))
}

export function problemsOf(error: SignalboxError): readonly Problem[] {
  return error.problems.length > 0 ? error.problems : [{ text: error.message }]
}

/** Says what is being done while it is, however it ends. */
export async function progress<T>(label: string, work: () => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return work()
  process.stderr.write(`${label} …`)
  return work().finally(() => process.stderr.write('\r\u001B[K'))
}

/** What a peer or a table said, on one line, without what a terminal would take for an order. */
export function visible(text: string): string {
  return text.replace(/[\u0000-\u001F\u007F-\u009F]/g, '\uFFFD')
}

/** Columns as wide as their widest cell. */
export function printTable(cells: readonly (readonly string[])[]): void {
  const rows = cells.map((row) => row.map(visible))
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))) ?? []
  for (const row of rows)
    print(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
}

/** Relative to where the user stands, when that is above the file. */
function withShortPath(problem: Problem): Problem {
  if (problem.file === undefined || !path.isAbsolute(problem.file)) return problem
  const relative = path.relative(process.cwd(), problem.file)
  return relative.startsWith('..') ? problem : { ...problem, file: relative }
}
