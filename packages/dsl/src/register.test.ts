/**
 * What the compiler says once a project has filled `Register`, and while it has not: small programs, each compiled by itself, since a
 * declaration holds for a whole program. The rest of the contexts' types is `context.test-d.ts`.
 */
import path from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  allowImportingTsExtensions: true,
  types: [],
  paths: { '@signalbox/dsl': [path.join(import.meta.dirname, 'index.ts')] },
}

const main = path.join(import.meta.dirname, 'main-of-a-test.ts')
const parsedFiles = new Map<string, ts.SourceFile | undefined>()

/** Libraries and the dsl are read once for all programs. */
function host(source: string): ts.CompilerHost {
  const files = ts.createCompilerHost(options)
  const read = files.getSourceFile.bind(files)
  return {
    ...files,
    fileExists: (file) => file === main || files.fileExists(file),
    readFile: (file) => (file === main ? source : files.readFile(file)),
    getSourceFile: (file, ...rest) => {
      if (file === main) return ts.createSourceFile(file, source, ts.ScriptTarget.ES2022)
      if (!parsedFiles.has(file)) parsedFiles.set(file, read(file, ...rest))
      return parsedFiles.get(file)
    },
  }
}

/** `line: message` of everything that does not compile. */
function errors(source: string): string[] {
  const program = ts.createProgram([main], options, host(source))
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start!).line + 1
    return `${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
  })
}

const filled = `declare module '@signalbox/dsl' {
  interface Register { failure: 'TRUNKAUTH' | 'BUSY' }
  interface Vars { account?: string }
}
`

/** A program with these statements from line 6 on, or from line 2 on where nothing is registered. */
function program(body: string, isFilled = true): string {
  return `import { onFailure, onRequest } from '@signalbox/dsl'\n${isFilled ? filled : ''}${body}\n`
}

describe('with a filled register', () => {
  it('a registered name compiles, and so does a handle', () => {
    const body = `const busy = onFailure('BUSY', () => {})
onRequest(({ relay }) => relay({ onFailure: 'TRUNKAUTH' }))
onRequest(({ relay }) => relay({ onFailure: busy }))`
    expect(errors(program(body))).toEqual([])
  })

  it('a misspelled name does not, and the message says which there are', () => {
    const [error, ...others] = errors(program(`onRequest(({ relay }) => relay({ onFailure: 'TRUNKAUHT' }))`))
    expect(error).toMatch(/^6: Type '"TRUNKAUHT"' is not assignable to type .*"TRUNKAUTH"/)
    expect(others).toEqual([])
  })

  it('the name of a route is still free: that is where it is registered', () => {
    expect(errors(program(`onFailure('NEW', () => {})`))).toEqual([])
  })

  it('variables have the types that were declared', () => {
    const body = `onRequest(({ vars }) => void (vars.account = 'x'))
onRequest(({ vars }) => void (vars.account = 1))
onRequest(({ vars }) => void vars.acount)`
    expect(errors(program(body)).map((error) => error.replace(/: .*/, ''))).toEqual(['7', '8'])
  })
})

describe('while the register is empty', () => {
  it('any string is a name', () => {
    const body = `const name: string = 'WHATEVER'
onRequest(({ relay }) => relay({ onFailure: name }))`
    expect(errors(program(body, false))).toEqual([])
  })

  it('what is no name still does not compile', () => {
    expect(errors(program(`onRequest(({ relay }) => relay({ onFailure: 5 }))`, false))).toHaveLength(1)
  })
})

describe('the message of a wrong program names what is wrong', () => {
  it.each([
    [`onRequest(({ res }) => {})`, "2: Property 'res' does not exist on type 'RequestContext'."],
    [`onFailure('X', ({ drop }) => {})`, "2: Property 'drop' does not exist on type 'FailureContext'."],
    [`onRequest(({ req }) => { req.from = req.to })`, "2: Cannot assign to 'from' because it is a read-only property."],
  ])('%s', (body, message) => expect(errors(program(body, false))).toEqual([message]))
})
