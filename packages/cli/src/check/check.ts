/**
 * All of a check: names, types, rules, waivers, the bundler. ts-morph takes a second to load, so this is imported where routes are checked and
 * nowhere in the proxy.
 */
import type { ts } from 'ts-morph'
import { adviseOnNames } from './advise-on-names.ts'
import { bundlerFindings } from './bundler.ts'
import { inOrder, type CheckRequest, type Finding } from './findings.ts'
import { readGraph, type Graph } from './graph.ts'
import type { Place } from './model.ts'
import { openProject, type OpenProject } from './project.ts'
import { readModel } from './read/read-model.ts'
import { registerText } from './register-text.ts'
import { findByRules } from './rules/rules.ts'
import { isUnresolved, typeErrors } from './types.ts'
import { waive } from './waivers.ts'
import { writeRegister } from './write-register.ts'

export async function checkProject(request: CheckRequest): Promise<Finding[]> {
  const open = openNamed(request)
  const found = findIn(open, request.root)
  if (!isProgram(open)) return found
  const bundled = await bundlerFindings(request)
  return inOrder([...found, ...bundled.filter((each) => !found.some((other) => isSameLine(each, other)))])
}

export function findIn(open: OpenProject, root: string): Finding[] {
  const types = typeErrors(open, root)
  if (!isProgram(open)) return inOrder(types)
  const model = readModel(open)
  const blind = types.some((each) => isUnresolved(each) && open.files.some(({ fileName }) => fileName === each.file))
  const found = findByRules(model, (place) => lineOf(open, place))
  const sources = open.files.map(({ fileName, text }) => ({ file: fileName, text }))
  const advised = adviseOnNames(types, model)
  return inOrder([
    ...advised,
    ...waive(
      found.filter((each) => !isToldBy(advised, each) && !(blind && misledByNames.includes(each.id))),
      sources,
    ),
  ])
}

/** What they find missing may be behind a name that means nothing yet. */
const misledByNames = ['no-action', 'no-request', 'unknown-route', 'unarmed-route', 'unreached-route']

/** Writes the register, and looks no further. */
export function registerNames(request: CheckRequest): void {
  openNamed(request)
}

export function graphOf(request: CheckRequest): Graph {
  return readGraph(readModel(openNamed(request)), request.root)
}

function openNamed(request: CheckRequest): OpenProject {
  const open = openProject(request)
  writeRegister(request.root, registerText(open.names))
  return open
}

/** What does not parse is none. */
function isProgram(open: OpenProject): boolean {
  return !open.files.some((file) => hasSyntaxErrors(open, file))
}

function hasSyntaxErrors({ project }: OpenProject, file: ts.SourceFile): boolean {
  const program = project.getProgram().compilerObject
  return program.getSyntacticDiagnostics(program.getSourceFile(file.fileName)).length > 0
}

function lineOf({ files }: OpenProject, { file, line }: Place): string {
  const source = files.find(({ fileName }) => fileName === file)
  return source?.text.split('\n')[line - 1]?.trimEnd() ?? ''
}

/** The compiler has found the same. */
function isToldBy(types: readonly Finding[], found: Finding): boolean {
  return types.some((each) => each.id === found.id && isSameLine(each, found))
}

function isSameLine(one: Finding, other: Finding): boolean {
  return one.file === other.file && one.line === other.line
}
