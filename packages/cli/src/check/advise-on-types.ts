/** What TypeScript complains of, with how to mend it: it knows types, and we know routes. */
import { ts, type Diagnostic } from 'ts-morph'
import { nearest } from '@signalbox/core/build'
import { dslFile } from './read/read-model.ts'
import type { OpenProject } from './project.ts'

export type Advise = (diagnostic: Diagnostic) => string | undefined

const FORGOT_AWAIT = 2773
const NO_SUCH_NAME = 2304
const NO_SUCH_PROPERTY = 2339
const UNFIT_ARGUMENT = 2345

export function createAdvice({ project, files }: OpenProject): Advise {
  const program = project.getProgram().compilerObject
  const checker = program.getTypeChecker()
  const dsl = program.getSourceFile(dslFile(files, program.getCompilerOptions()) ?? '')
  const symbol = dsl && checker.getSymbolAtLocation(dsl)
  const exported = new Map((symbol ? checker.getExportsOfModule(symbol) : []).map((each) => [each.name, each]))
  return ({ compilerObject }) => {
    const { code, relatedInformation = [], file, start } = compilerObject
    if (relatedInformation.some((each) => each.code === FORGOT_AWAIT))
      return 'this is a promise: write await in front of what made it'
    const node = file && start !== undefined && innermost(file, start)
    if (!node) return undefined
    if (code === NO_SUCH_NAME) return exported.has(node.getText()) ? importOf(node.getText()) : undefined
    if (code === NO_SUCH_PROPERTY) return adviceOnProperty(node)
    return code === UNFIT_ARGUMENT ? adviceOnEvent(node) : undefined
  }

  function adviceOnEvent({ parent }: ts.Node): string | undefined {
    const [events, onEvent] = [exported.get('Events'), exported.get('onEvent')]
    if (!events || !onEvent || !ts.isCallExpression(parent)) return undefined
    // Whatever it is called there.
    if (checker.getTypeAtLocation(parent.expression).symbol !== aliased(onEvent)) return undefined
    const names = checker.getDeclaredTypeOfSymbol(aliased(events)).getProperties()
    const list = names.map((each) => `'${each.name}'`).toSorted()
    return `there is ${list.join(', ')}`
  }

  function adviceOnProperty(node: ts.Node): string | undefined {
    const name = node.getText()
    const { parent } = node
    const holder = ts.isBindingElement(parent)
      ? parent.parent
      : ts.isPropertyAccessExpression(parent)
        ? parent.expression
        : undefined
    const type = holder && checker.getTypeAtLocation(holder)
    if (!type || !isOfDsl(type)) return undefined
    const registrars = registrarsWith(name, type.getProperty('send') !== undefined).toSorted()
    if (registrars.length > 0) return `only what ${registrars.join(', ')} registers has it`
    const known = type.getProperties().map((each) => each.name)
    const meant = nearest(name, known)
    return meant === undefined ? undefined : `did you mean '${meant}'?`
  }

  function isOfDsl(type: ts.Type): boolean {
    const types = type.isIntersection() ? type.types : [type]
    return types.some((part) =>
      (part.symbol as ts.Symbol | undefined)?.declarations?.some((each) => isBeside(each.getSourceFile())),
    )
  }

  function isBeside({ fileName }: ts.SourceFile): boolean {
    return dsl !== undefined && fileName.startsWith(dsl.fileName.slice(0, dsl.fileName.lastIndexOf('/') + 1))
  }

  /** `FailureContext` is what handlers of `onFailure` get. `inUac`: it is asked of the context's `uac`. */
  function registrarsWith(name: string, inUac: boolean): string[] {
    return [...exported].flatMap(([each, of]) => {
      const registrar = `on${each.replace(/Context$/, '')}`
      if (!each.endsWith('Context') || !exported.has(registrar)) return []
      const context = checker.getDeclaredTypeOfSymbol(aliased(of))
      const uac = context.getProperty('uac')
      const holder = inUac ? uac && checker.getTypeOfSymbol(uac) : context
      return holder?.getProperty(name) ? [registrar] : []
    })
  }

  function aliased(of: ts.Symbol): ts.Symbol {
    return of.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(of) : of
  }
}

function importOf(name: string): string {
  return `import { ${name} } from '@signalbox/dsl'`
}

function innermost(file: ts.SourceFile, start: number): ts.Node | undefined {
  const visit = (node: ts.Node): ts.Node | undefined => {
    if (start < node.getStart(file) || start >= node.getEnd()) return undefined
    return ts.forEachChild(node, visit) ?? node
  }
  return visit(file)
}
