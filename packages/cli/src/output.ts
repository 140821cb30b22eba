/**
 * The one place that writes to the terminal. Results go to stdout, complaints and progress to stderr; colour and progress
 * only where a person looks at it.
 */
import path from 'node:path'
import { codeFrame, SignalboxError, type Problem } from '@signalbox/core/build'
import picocolors from 'picocolors'

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

/** Each problem as a code frame. */
export function complainAbout(problems: readonly Problem[]): void {
  const { red } = colours(process.stderr)
  for (const problem of problems) complain(`${red('error')} ${codeFrame(withShortPath(problem))}\n`)
}

/** Problems where they are known, else the message; the stack of what should not happen. */
export function complainError(error: unknown): void {
  if (error instanceof SignalboxError) complainAbout(problemsOf(error))
  else complain(error instanceof Error ? (error.stack ?? error.message) : String(error))
}

export function problemsOf(error: SignalboxError): readonly Problem[] {
  return error.problems.length > 0 ? error.problems : [{ text: error.message }]
}

/** Says what is being done until the returned function is called, or until something else is written over it. */
export function progress(label: string): () => void {
  if (!process.stderr.isTTY) return () => {}
  process.stderr.write(`${label} …`)
  return () => process.stderr.write('\r\u001B[K')
}

/** Columns as wide as their widest cell. */
export function printTable(rows: readonly (readonly string[])[]): void {
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
