/** The routes of a project as the model has them. */
import path from 'node:path'
import { ts } from 'ts-morph'
import type { Model, Place } from '../model.ts'
import type { OpenProject } from '../project.ts'
import { createActions } from './actions.ts'
import { createDsl } from './dsl.ts'
import { resolveFunction } from './functions.ts'
import { createRoutines } from './routines.ts'
import { scan } from './scan.ts'

export function readModel({ project, files }: OpenProject): Model {
  const program = project.getProgram().compilerObject
  const options = program.getCompilerOptions()
  // The program's own: they are bound, and know what they import.
  const own = files.map((file) => program.getSourceFile(file.fileName) ?? file)
  const dsl = createDsl(program.getTypeChecker(), dslFolder(own, options))
  const actions = createActions(dsl)
  const found = scan(own, dsl, actions)
  const routines = createRoutines(dsl, actions)
  const handlers = found.registrations.map(({ handler, ...registration }) => {
    const node = resolveFunction(handler, dsl.checker)
    return { ...registration, routine: node && routines.of(node) }
  })
  const { registrations: _, ...read } = found
  const asked = routines.asked()
  return {
    handlers,
    ...read,
    top: { file: files[0]?.fileName ?? '', line: 1, column: 1, length: 1 },
    routines: routines.all,
    results: routines.results,
    asked,
    textOf,
  }

  function textOf({ file, line, column, length }: Place): string {
    const source = program.getSourceFile(file)
    if (!source) return ''
    const start = source.getPositionOfLineAndCharacter(line - 1, column - 1)
    return source.text.slice(start, start + length).replaceAll(/\s+/g, ' ')
  }
}

/** Where its declarations are. Without it nothing is a route. */
function dslFolder(files: readonly ts.SourceFile[], options: ts.CompilerOptions): string {
  const file = dslFile(files, options)
  return file === undefined ? '\0' : path.dirname(file) + path.sep
}

/** What the routes import as `@signalbox/dsl`. */
export function dslFile([routes]: readonly ts.SourceFile[], options: ts.CompilerOptions): string | undefined {
  return (
    routes && ts.resolveModuleName('@signalbox/dsl', routes.fileName, options, ts.sys).resolvedModule?.resolvedFileName
  )
}
